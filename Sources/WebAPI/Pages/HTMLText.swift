// SPDX-License-Identifier: Apache-2.0
// Nightjar

internal import HTTPServer
internal import SourceText

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
        /// A text that leads to an address of this server.
        case link(String, to: String)
    }

    private(set) var text: String
    private var columns = 0
    private var rows = 0
    private var emptyText = ""

    /// Begins a page, which asks for itself again every so many seconds.
    init(title: String, refresh seconds: Int? = nil) {
        text = "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">"
        text += "<title>\(escaped(title))</title>"
        text += "<meta name=\"viewport\" content=\"width=device-width\">"
        // An icon of nothing, lest the browser asks for one.
        text += "<link rel=\"icon\" href=\"data:,\">"
        if let seconds { text += "<meta http-equiv=\"refresh\" content=\"\(seconds)\">" }
        text += "\n<style>\n\(styleSheet)\n</style></head><body><main><h1>\(escaped(title))</h1>\n"
    }

    /// The page as an answer; it loads nothing and runs nothing.
    var response: HTTPResponse {
        let policy =
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; "
            + "base-uri 'none'; frame-ancestors 'none'"
        return HTTPResponse(
            200,
            [
                HTTPField("Content-Type", "text/html; charset=utf-8"),
                HTTPField("Content-Security-Policy", policy),
            ],
            body: .bytes(Array((text + "</main></body></html>\n").utf8))
        )
    }

    mutating func paragraph(_ name: String, _ content: String) {
        guard !content.isEmpty else { return }
        text += "<p><b>\(escaped(name)).</b> \(escaped(content))</p>\n"
    }

    /// Tells of an error, and what is wrong in lines of their own.
    mutating func alert(_ content: String, _ lines: String = "") {
        text += "<div role=\"alert\"><p><b>Error.</b> \(escaped(content))</p>"
        if !lines.isEmpty { text += "<pre>\(escaped(lines))</pre>" }
        text += "</div>\n"
    }

    mutating func raw(_ html: String) { text += html }

    mutating func table(_ title: String, _ heads: [String], none: String) {
        columns = heads.count
        rows = 0
        emptyText = none
        text += "<h2>\(escaped(title))</h2><table><tr>"
        for head in heads { text += "<th scope=\"col\">\(escaped(head))</th>" }
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
            case .link(let value, let address):
                text += "<td><a href=\"\(escaped(address))\">\(escaped(value))</a></td>"
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

/// A number in the fewest digits that stand for it.
func shortest(_ value: Double) -> String {
    var bytes: [UInt8] = []
    bytes.appendShortest(value)
    return String(decoding: bytes, as: UTF8.self)
}

private let styleSheet = """
    body{font:15px/1.45 system-ui,sans-serif;margin:1.5rem;color:#1b1f24;background:#fff}
    table{border-collapse:collapse;width:100%;margin-bottom:2rem}
    th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid #d5d9de}
    code{white-space:pre-wrap;overflow-wrap:anywhere}
    input[name="g0.expr"]{width:60%;font:14px monospace}
    [role="alert"]{color:#b00020}
    svg{width:100%;height:auto;border-bottom:1px solid #d5d9de}
    .firing,.down,.err,.failed{color:#b00020;font-weight:600}
    .pending,.retrying,.unknown{color:#8a5a00;font-weight:600}
    .up,.ok,.inactive,.delivered{color:#14632f}
    """
