// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// Functions on texts of Prometheus and Alertmanager; nil where `name` is none of them.
func textFunction(
    _ name: String,
    _ arguments: Arguments
) throws(TemplateFailure) -> TemplateValue? {
    switch name {
    case "title": return .string(titled(try arguments.string(0)))
    case "toUpper": return .string(try arguments.string(0).uppercased())
    case "toLower": return .string(try arguments.string(0).lowercased())
    case "trimSpace": return .string(trimmed(try arguments.string(0)))
    case "stripPort":
        let text = try arguments.string(0)
        return .string(splitHostPort(text)?.host ?? text)
    case "stripDomain": return .string(strippedDomain(try arguments.string(0)))
    case "match":
        let expression = try expression(try arguments.string(0))
        return .bool(expression.groups(in: try arguments.string(1), anchored: false) != nil)
    case "reReplaceAll":
        return .string(
            try replaced(try arguments.string(0), try arguments.string(1), try arguments.string(2))
        )
    case "graphLink", "tableLink":
        let tab = name == "graphLink" ? 0 : 1
        return .string("/graph?g0.expr=\(queryEscaped(try arguments.string(0)))&g0.tab=\(tab)")
    case "urlQueryEscape": return .string(queryEscaped(try arguments.string(0)))
    case "urlUnescape": return .string(try queryUnescaped(try arguments.string(0)))
    case "safeHtml", "safeUrl": return .markup(try arguments.string(0))
    case "base64encode": return .string(base64(Array(try arguments.string(0).utf8)))
    case "base64decode": return .string(try base64Decoded(try arguments.string(0)))
    default: return nil
    }
}

private func expression(_ pattern: String) throws(TemplateFailure) -> RegularExpression {
    do throws(RegularExpressionError) {
        return try RegularExpression(pattern)
    } catch {
        throw TemplateFailure("error parsing regexp: \(error.message)")
    }
}

/// Go's `ReplaceAllString`: leftmost matches one after the other, `$1` and `${name}` expanded.
private func replaced(
    _ pattern: String,
    _ template: String,
    _ text: String
) throws(TemplateFailure) -> String {
    _ = try expression(pattern)
    // The whole rest is matched, so that the places of the match are known.
    let search = try expression("(.*?)(\(pattern))(.*)")
    let isBound = pattern.contains("^") || pattern.contains("\\A")
    var result = ""
    var rest = text
    while let groups = search.groups(in: rest), groups.count >= 4 {
        let match = groups[2] ?? ""
        result += groups[1] ?? ""
        result += filled(template, Array(groups[2..<groups.count - 1]))
        rest = (groups[groups.count - 1] ?? "")
        if match.isEmpty {
            guard let first = rest.unicodeScalars.first else { break }
            result.unicodeScalars.append(first)
            rest.unicodeScalars.removeFirst()
        }
        // What is bound to the beginning matches there and nowhere else.
        if isBound || rest.isEmpty { break }
    }
    return result + rest
}

private func filled(_ template: String, _ groups: [String?]) -> String {
    var result = ""
    var rest = Substring(template)
    while let dollar = rest.firstIndex(of: "$") {
        result += rest[..<dollar]
        rest = rest[dollar...].dropFirst()
        if rest.first == "$" {
            result += "$"
            rest = rest.dropFirst()
            continue
        }
        let isBraced = rest.first == "{"
        if isBraced { rest = rest.dropFirst() }
        let name = rest.prefix { $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber) }
        rest = rest.dropFirst(name.count)
        if isBraced, rest.first == "}" { rest = rest.dropFirst() }
        if let index = Int(name), groups.indices.contains(index) { result += groups[index] ?? "" }
    }
    return result + rest
}

/// Go's `strings.Title`: the first letter of each word in upper case.
private func titled(_ text: String) -> String {
    var result = ""
    var isInWord = false
    for character in text {
        result += isInWord ? String(character) : character.uppercased()
        isInWord = character.isLetter || character.isNumber || character == "_" || character == "'"
        if character == "'" { isInWord = false }
    }
    return result
}

private func trimmed(_ text: String) -> String {
    let rest = text.drop { $0.isWhitespace }
    return String(rest.reversed().drop { $0.isWhitespace }.reversed())
}

/// Go's `net.SplitHostPort`; nil where that fails.
private func splitHostPort(_ text: String) -> (host: String, port: String)? {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    let port = String(text[text.index(after: colon)...])
    let host = text[..<colon]
    if host.hasPrefix("[") {
        guard host.hasSuffix("]") else { return nil }
        return (String(host.dropFirst().dropLast()), port)
    }
    return host.contains(":") ? nil : (String(host), port)
}

private func strippedDomain(_ text: String) -> String {
    let parts = splitHostPort(text)
    let host = parts?.host ?? text
    let isAddress =
        host.contains(":")
        || host.split(separator: ".").count == 4
            && host.utf8.allSatisfy { (48...57).contains($0) || $0 == 46 }
    if isAddress { return text }
    let first = host.split(separator: ".", omittingEmptySubsequences: false).first ?? ""
    return parts.map { "\(first):\($0.port)" } ?? String(first)
}

private func queryUnescaped(_ text: String) throws(TemplateFailure) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
        if byte == 43 {
            bytes.append(32)
        } else if byte == 37 {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard digits.utf8.count == 2, let value = UInt8(digits, radix: 16) else {
                throw TemplateFailure("invalid URL escape \(quoted("%" + digits))")
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        } else {
            bytes.append(byte)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}

private let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8
)

/// Base 64 with the letters that are safe in addresses, padded.
private func base64(_ bytes: [UInt8]) -> String {
    var result: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let piece = bytes[start..<min(start + 3, bytes.count)]
        let word = piece.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - piece.count))
        for index in 0..<4 {
            result.append(index <= piece.count ? alphabet[word >> (18 - 6 * index) & 63] : 61)
        }
    }
    return String(decoding: result, as: UTF8.self)
}

private func base64Decoded(_ text: String) throws(TemplateFailure) -> String {
    var bytes: [UInt8] = []
    var bits = 0
    var count = 0
    for byte in text.utf8 where byte != 61 {
        let letter = byte == 43 ? 45 : byte == 47 ? 95 : byte
        guard let value = alphabet.firstIndex(of: letter) else {
            throw TemplateFailure("illegal base64 data")
        }
        bits = (bits << 6 | value) & 0xFFFFFF
        count += 6
        if count >= 8 {
            count -= 8
            bytes.append(UInt8(bits >> count & 255))
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
