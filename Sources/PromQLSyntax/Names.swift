// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Whether a text may name a metric without quotes: letters, digits, `_` and `:`, no digit first.
public func isPlainMetricName(_ text: String) -> Bool {
    let bytes = text.utf8
    guard let first = bytes.first, !isDigit(first) else { return false }
    return bytes.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: ":") }
}

/// Whether a text may name a label without quotes: letters, digits and `_`, no digit first.
public func isPlainLabelName(_ text: String) -> Bool {
    let bytes = text.utf8
    guard let first = bytes.first, !isDigit(first) else { return false }
    return bytes.allSatisfy { isAlphanumeric($0) }
}

/// Whether a text may name a metric or a label with quotes: anything but the empty text.
///
/// A replacement character stands for bytes that are no UTF-8, which name nothing.
public func isName(_ text: String) -> Bool {
    !text.isEmpty && !text.unicodeScalars.contains("\u{FFFD}")
}

/// A text in double quotes, escaped as Go's `strconv.Quote` does.
func quotedText(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\u{7}": result += "\\a"
        case "\u{8}": result += "\\b"
        case "\u{C}": result += "\\f"
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case "\u{B}": result += "\\v"
        // Bytes that are no UTF-8 were escapes, as the character itself may not be in a text.
        case "\u{FFFD}": result += "\\ufffd"
        case _ where scalar.value < 32 || scalar.value == 127:
            let digits = String(scalar.value, radix: 16)
            result += "\\x" + (digits.count < 2 ? "0" : "") + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
