// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

extension RegularExpression {
    /// Puts the groups of a match into a template; nil where the whole text does not match.
    ///
    /// `$1`, `${1}`, `$name` and `${name}` stand for groups, `$$` for a dollar sign; a group that is
    /// not there or took no part gives nothing. Source: Go, regexp: `Expand`.
    func expand(_ template: String, in text: String) -> String? {
        guard let groups = groups(in: text) else { return nil }
        var result = ""
        var rest = template.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "$" else {
                result.unicodeScalars.append(scalar)
                continue
            }
            if rest.first == "$" {
                rest.removeFirst()
                result += "$"
            } else if let name = Self.takeName(&rest) {
                if let place = place(of: name), groups.indices.contains(place) {
                    result += groups[place] ?? ""
                }
            } else {
                result += "$"
            }
        }
        return result
    }

    /// Takes the name after a dollar sign; nil, and nothing taken, where there is none.
    private static func takeName(_ rest: inout Substring.UnicodeScalarView) -> String? {
        var after = rest
        let isBraced = after.first == "{"
        if isBraced { after.removeFirst() }
        let name = after.prefix {
            $0.properties.isAlphabetic || $0.properties.numericType == .decimal || $0 == "_"
        }
        guard !name.isEmpty else { return nil }
        after = after[name.endIndex...]
        if isBraced { guard after.popFirst() == "}" else { return nil } }
        rest = after
        return String(name)
    }

    private func place(of name: String) -> Int? {
        let isNumber = name.utf8.allSatisfy { (48...57).contains($0) }
        guard isNumber, name == "0" || !name.hasPrefix("0") else { return group(named: name) }
        return Int(name)
    }
}
