// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Whether a text comes before another one, with runs of digits compared as numbers.
///
/// Of two texts that agree as far as the shorter goes, the shorter comes first.
/// Source: the order of Prometheus' `sort_by_label`.
func precedesNaturally(_ a: String, _ b: String) -> Bool {
    let (x, y) = (runs(a), runs(b))
    for (one, other) in zip(x, y) {
        if let first = Int(one), let second = Int(other) {
            if first != second { return first < second }
        } else if one != other {
            return one.utf8.lexicographicallyPrecedes(other.utf8)
        }
    }
    return x.count <= y.count && !x.isEmpty
}

/// Splits a text into runs of digits and of anything else.
private func runs(_ text: String) -> [Substring] {
    var result: [Substring] = []
    var rest = text[...]
    while let first = rest.unicodeScalars.first {
        let isDigits = ("0"..."9").contains(first)
        let run = rest.unicodeScalars.prefix { ("0"..."9").contains($0) == isDigits }
        result.append(Substring(run))
        rest = rest[run.endIndex...]
    }
    return result
}
