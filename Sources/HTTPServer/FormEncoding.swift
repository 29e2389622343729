// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Decodes `%XX`, and `+` as a space in form data; a broken escape stays as it is.
public func percentDecoded(_ text: Substring, plusIsSpace: Bool) -> String {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
        let byte = bytes[index]
        if byte == UInt8(ascii: "%"), index + 2 < bytes.count,
            let high = hexadecimal(bytes[index + 1]), let low = hexadecimal(bytes[index + 2])
        {
            result.append(high << 4 | low)
            index += 3
            continue
        }
        result.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
        index += 1
    }
    return String(decoding: result, as: UTF8.self)
}

/// Reads `a=1&a=2&b`, a query or a form's body, keeping order and repeats.
///
/// A pair with a broken escape or a semicolon is left out. Source: Go's `url.ParseQuery`.
public func formFields(_ text: Substring) -> [HTTPField] {
    text.utf8.split(separator: UInt8(ascii: "&")).compactMap { bytes in
        let pair = Substring(bytes)
        guard firstFormFault(pair) == nil else { return nil }
        let cut = pair.utf8.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
        let value = cut == pair.endIndex ? Substring() : pair[pair.utf8.index(after: cut)...]
        return HTTPField(
            percentDecoded(pair[..<cut], plusIsSpace: true),
            percentDecoded(value, plusIsSpace: true)
        )
    }
}

/// Why pairs of a query or a form were left out, in Go's words; nil where none was.
func firstFormFault(_ text: Substring) -> String? {
    for pair in text.utf8.split(separator: UInt8(ascii: "&")) {
        let bytes = Array(pair)
        if bytes.contains(UInt8(ascii: ";")) { return "invalid semicolon separator in query" }
        for place in bytes.indices where bytes[place] == UInt8(ascii: "%") {
            guard place + 2 < bytes.count, hexadecimal(bytes[place + 1]) != nil,
                hexadecimal(bytes[place + 2]) != nil
            else {
                let escape = String(decoding: bytes[place...].prefix(3), as: UTF8.self)
                return "invalid URL escape \"\(escape)\""
            }
        }
    }
    return nil
}

private func hexadecimal(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 48...57: byte - 48
    case 65...70: byte - 55
    case 97...102: byte - 87
    default: nil
    }
}
