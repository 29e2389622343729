// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// The text of an error without what is chance: which of several series it names, and in which order.
struct FuzzErrorText: Hashable, CustomStringConvertible {
    let description: String

    init(_ text: String) {
        var kept = ""
        var depth = 0
        for character in text {
            if character == "{" { depth += 1 }
            if depth == 0 || (character == "{" && depth == 1) { kept.append(character) }
            if character == "}" {
                depth -= 1
                if depth == 0 { kept.append(character) }
            }
        }
        // The last digits of a number that is too large for an integer are chance, too.
        if kept.hasPrefix("Scalar value "), !kept.contains("NaN") {
            kept = "Scalar value " + kept.split(separator: " ").suffix(2).joined(separator: " ")
        }
        for (old, new) in Self.reworded { kept.replace(old, with: new) }
        description = kept
    }

    /// Whether another text ends so: an instant query's errors begin with its parameter's name.
    func isEnd(of other: FuzzErrorText) -> Bool {
        other.description.hasSuffix(description) || description.hasSuffix(other.description)
    }

    /// What is said in other words since 2.42.
    private static let reworded = [
        // Patterns are read without what anchors them.
        ("`^(?:", "`"), (")$`", "`"),
        ("Scalar value NaN overflows int64", "Parameter value is NaN"), ("underflows", "overflows"),
        (" bad duration syntax", " bad number or duration syntax"),
        ("\"<Item 57385>\" <op:@>", "\"@\""),
        // The function was renamed in 3.0.
        ("\"holt_winters\"", "\"double_exponential_smoothing\""),
    ]
}
