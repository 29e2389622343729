// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Builds a page of tables; every text from outside is escaped.
struct HTMLText {
    /// What a cell of a table holds.
    enum Cell {
        /// Plain text.
        case text(String)
        /// An expression.
        case code(String)
        /// A state, coloured by its word.
        case mark(String)
    }

    private(set) var text = ""
    private var columns = 0
    private var rows = 0
    private var emptyText = ""

    mutating func raw(_ html: String) { text += html }

    mutating func table(_ title: String, _ heads: [String], none: String) {
        columns = heads.count
        rows = 0
        emptyText = none
        text += "<h2>\(escaped(title))</h2><table><tr>"
        for head in heads { text += "<th>\(escaped(head))</th>" }
        text += "</tr>\n"
    }

    mutating func row(_ cells: [Cell]) {
        rows += 1
        text += "<tr>"
        for cell in cells {
            switch cell {
            case .text(let value): text += "<td>\(escaped(value))</td>"
            case .code(let value): text += "<td><code>\(escaped(value))</code></td>"
            case .mark(let value):
                text += "<td class=\"\(escaped(value))\">\(escaped(value))</td>"
            }
        }
        text += "</tr>\n"
    }

    mutating func endTable() {
        if rows == 0 { text += "<tr><td colspan=\"\(columns)\">\(escaped(emptyText))</td></tr>" }
        text += "</table>\n"
    }
}

/// Escapes what HTML reads as markup, in text and in attributes.
func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&quot;"
        case "'": result += "&#39;"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}
