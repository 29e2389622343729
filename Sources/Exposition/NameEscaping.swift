// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// How names are written that are not of plain letters, digits and underscores.
///
/// Source: prometheus/common, model/metric.go: `EscapeName`, `UnescapeName`.
public enum NameEscaping: String, Sendable, Hashable, CaseIterable {
    /// Other characters become `_`, so that different names may be written alike.
    case underscores
    /// `.` becomes `_dot_`, other characters and `_` become `__`.
    case dots
    /// `U__` before the name, `_` becomes `__`, other characters become `_HEX_`.
    case values
    /// As they are, in quotes.
    case utf8 = "allow-utf-8"

    /// A metric's name as it stands in this form, without quotes.
    func written(metric name: String) -> String { written(name, allowsColon: true) }

    /// A label's name as it stands in this form, without quotes.
    func written(label name: String) -> String { written(name, allowsColon: false) }

    private func written(_ name: String, allowsColon: Bool) -> String {
        let isPlain = isPlainName(name, allowsColon: allowsColon)
        switch self {
        case .utf8: return name
        case .underscores, .values: guard !isPlain else { return name }
        case .dots: guard !isPlain || name.utf8.contains(UInt8(ascii: "_")) else { return name }
        }
        var result = self == .values ? "U__" : ""
        for (place, scalar) in name.unicodeScalars.enumerated() {
            let isKept = isPlainScalar(scalar, at: place, allowsColon: allowsColon)
            if isKept, scalar != "_" || self == .underscores {
                result.unicodeScalars.append(scalar)
            } else {
                result += replacement(of: scalar)
            }
        }
        return result
    }

    private func replacement(of scalar: Unicode.Scalar) -> String {
        switch self {
        case .underscores: "_"
        case .dots: scalar == "." ? "_dot_" : "__"
        case .values: scalar == "_" ? "__" : "_\(String(scalar.value, radix: 16))_"
        case .utf8: String(scalar)
        }
    }
}

/// Whether a name needs no quotes: `[a-zA-Z_][a-zA-Z0-9_]*`, and `:` where it is allowed.
func isPlainName(_ name: String, allowsColon: Bool) -> Bool {
    !name.isEmpty
        && name.unicodeScalars.enumerated().allSatisfy {
            isPlainScalar($0.element, at: $0.offset, allowsColon: allowsColon)
        }
}

private func isPlainScalar(_ scalar: Unicode.Scalar, at place: Int, allowsColon: Bool) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "_": true
    case ":": allowsColon
    case "0"..."9": place > 0
    default: false
    }
}
