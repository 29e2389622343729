// SPDX-License-Identifier: Apache-2.0
// Nightjar

extension YAMLNode {
    /// Writes the value as YAML again, without comments, anchors and merge keys.
    ///
    /// `shown` gives the text to write in place of a scalar's, for the keys that lead to it.
    public func yaml(_ shown: (_ keys: [String], _ text: String) -> String) -> String {
        var lines = ""
        write(to: &lines, indent: "", keys: [], shown)
        return lines
    }

    /// Writes what follows `key:` or `-`, with the line's end.
    private func write(
        to text: inout String,
        indent: String,
        keys: [String],
        _ shown: ([String], String) -> String
    ) {
        switch kind {
        case .scalar(let scalar):
            let value = shown(keys, scalar.text)
            let isPlain = scalar.style == .plain && value == scalar.text
            text += (indent.isEmpty ? "" : " ") + (isPlain ? value : quotedYAML(value)) + "\n"
        case .sequence(let elements):
            if elements.isEmpty { text += " []" }
            if !indent.isEmpty || elements.isEmpty { text += "\n" }
            for element in elements {
                text += indent + "-"
                element.write(to: &text, indent: indent + "  ", keys: keys, shown)
            }
        case .mapping(let mapping):
            let entries = mapping.entries.filter { $0.key.text != "<<" } + mapping.merged
            if entries.isEmpty { text += " {}" }
            if !indent.isEmpty || entries.isEmpty { text += "\n" }
            for entry in entries {
                let name = entry.key.text ?? ""
                let isWord = name.utf8.allSatisfy {
                    $0 == 95 || $0 == 45 || $0 | 32 >= 97 && $0 | 32 <= 122
                }
                text += indent + (isWord && !name.isEmpty ? name : quotedYAML(name)) + ":"
                entry.value.write(to: &text, indent: indent + "  ", keys: keys + [name], shown)
            }
        }
    }
}

/// A text in double quotes, which YAML reads as JSON does.
private func quotedYAML(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\\": result += "\\\\"
        case "\"": result += "\\\""
        case "\n": result += "\\n"
        case "\t": result += "\\t"
        case "\r": result += "\\r"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
