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
public func formFields(_ text: Substring) -> [HTTPField] {
    text.split(separator: "&").map { pair in
        let cut = pair.firstIndex(of: "=") ?? pair.endIndex
        let value = cut == pair.endIndex ? Substring() : pair[pair.index(after: cut)...]
        return HTTPField(
            percentDecoded(pair[..<cut], plusIsSpace: true),
            percentDecoded(value, plusIsSpace: true)
        )
    }
}

private func hexadecimal(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 48...57: byte - 48
    case 65...70: byte - 55
    case 97...102: byte - 87
    default: nil
    }
}
