// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import SourceText

/// Reads a duration in Prometheus' syntax, such as `1h30m`; nil where it is none.
public func configDuration(_ text: String) -> Duration? { durationValue(ofText: text) }

/// Reads a size such as `512MB` or `1GiB` in bytes; K, M, G and T count in 1024s, as in Prometheus.
public func configByteCount(_ text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let count = Double(digits) else { return nil }
    var unit = text.dropFirst(digits.count)
    if unit.hasSuffix("iB") { unit = unit.dropLast(2) }
    if unit.hasSuffix("B") { unit = unit.dropLast() }
    let powers = ["": 0, "K": 1, "k": 1, "M": 2, "G": 3, "T": 4, "P": 5]
    guard let power = powers[String(unit)] else { return nil }
    let bytes = (0..<power).reduce(count) { value, _ in value * 1_024 }
    return bytes < 0x1p62 ? Int(bytes) : nil
}
