// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Resolves plain scalars as go-yaml does for a typed destination; quoted ones are text only.
extension YAMLNode {
    /// The text of a scalar; nil for the other kinds.
    public var text: String? {
        if case .scalar(let scalar) = kind { scalar.text } else { nil }
    }

    /// Whether it is nothing: empty, `~` or `null`, not quoted.
    public var isNull: Bool {
        guard let plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(plain)
    }

    /// The truth it says; nil where it says none.
    ///
    /// The YAML 1.1 words that go-yaml v2 takes; v3 lacks the capitalised forms of yes/no/on/off.
    public var bool: Bool? {
        switch plain {
        case "true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON": true
        case "false", "False", "FALSE", "n", "N", "no", "No", "NO", "off", "Off", "OFF": false
        default: nil
        }
    }

    /// The whole number it says; nil where it says none.
    ///
    /// As Go's `strconv.ParseInt(_, 0, 64)` after removal of underscores: `0x`, `0b`, `0o`, leading 0.
    public var int: Int? {
        guard let plain, let first = plain.utf8.first else { return nil }
        guard (48...57).contains(first) || first == 43 || first == 45 else { return nil }
        var digits = Substring(plain.filter { $0 != "_" })
        let sign = digits.first == "-" ? "-" : ""
        if let lead = digits.first, lead == "-" || lead == "+" { digits.removeFirst() }
        guard let lead = digits.utf8.first, (48...57).contains(lead) else { return nil }
        for (prefix, radix) in [("0x", 16), ("0X", 16), ("0b", 2), ("0B", 2), ("0o", 8), ("0O", 8)]
        where digits.hasPrefix(prefix) {
            return Int(sign + digits.dropFirst(2), radix: radix)
        }
        if digits.count > 1, digits.first == "0" {
            return Int(sign + digits.dropFirst(), radix: 8)
        }
        return Int(sign + digits)
    }

    /// The number it says; nil where it says none.
    public var double: Double? {
        guard let plain else { return nil }
        switch plain {
        case ".nan", ".NaN", ".NAN": return .nan
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .infinity
        case "-.inf", "-.Inf", "-.INF": return -.infinity
        default: break
        }
        if let int { return Double(int) }
        let digits = plain.filter { $0 != "_" }
        let allowed = digits.utf8.allSatisfy {
            (48...57).contains($0) || $0 == 43 || $0 == 45 || $0 == 46 || $0 == 69 || $0 == 101
        }
        return allowed ? Double(digits) : nil
    }

    private var plain: String? {
        if case .scalar(let scalar) = kind, scalar.style == .plain { scalar.text } else { nil }
    }
}
