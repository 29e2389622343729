// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import PromQLSyntax
internal import Samples
internal import SourceText
internal import Storage

/// `GET /graph?g0.expr=EXPRESSION&g0.range_input=1h`: an expression drawn, and its values now.
///
/// The parameters are those of Prometheus' page, since alerts link to it by them.
func answerGraph(_ web: WebRequest) async throws -> HTTPResponse {
    let text = web.value("g0.expr") ?? ""
    let length = web.value("g0.range_input").flatMap(parseDuration) ?? .seconds(3_600)
    var page = HTMLText(title: "Graph")
    page.raw(form(text, formatDuration(length)))
    if !text.isEmpty { await draw(text, length, web, into: &page) }
    page.raw("<p><a href=\"/\">Everything that fires</a></p>\n")
    return page.response
}

private func form(_ text: String, _ length: String) -> String {
    """
    <form action="/graph" role="search">
    <label>Expression <input name="g0.expr" value="\(escaped(text))" spellcheck="false"></label>
    <label>Range <input name="g0.range_input" value="\(escaped(length))" size="4"></label>
    <button>Draw</button></form>

    """
}

private func draw(
    _ text: String,
    _ length: Duration,
    _ web: WebRequest,
    into page: inout HTMLText
) async {
    do {
        let query = Query(try parseExpression(text), text: text)
        let now = web.context.now()
        let step = max(.seconds(1), length / 240)
        let type = query.expression.type
        guard type == .scalar || type == .instantVector else {
            return page.alert("a \(type.rawValue) cannot be drawn")
        }
        let answer = try await web.context.queries.range(query, now + (.zero - length), now, step)
        guard case .matrix(let series) = answer.value else { return }
        for note in answer.warnings + answer.infos { page.paragraph("Note", note) }
        let drawing = Drawing(
            series: Array(series.prefix(Drawing.colours.count)),
            from: (now + (.zero - length)).milliseconds,
            through: now.milliseconds
        )
        page.raw(drawing.text)
        table(of: series, into: &page)
    } catch let error as ParseError {
        page.alert("\(error)", mark(error.position, in: text))
    } catch {
        page.alert((error as? APIError)?.message ?? "\(error)")
    }
}

/// The line that is wrong, and below it a caret at the place.
private func mark(_ position: SourcePosition, in text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.indices.contains(position.line - 1) else { return "" }
    let line = lines[position.line - 1]
    // The column counts characters, of which a tab is as wide here as above.
    let before = line.prefix(max(0, position.column - 1)).map { $0 == "\t" ? "\t" : " " }
    return line + "\n" + before.joined() + "^"
}

private func table(of series: [SeriesSamples], into page: inout HTMLText) {
    page.table("Series", ["Colour", "Series", "Least", "Greatest", "Last"], none: "No data.")
    for (index, line) in series.prefix(100).enumerated() {
        let colour = index < Drawing.colours.count ? Drawing.colours[index].name : "not drawn"
        let numbers = line.values.filter { !$0.isNaN }
        page.row([
            .text(colour), .text("\(line.labels)"),
            .text(numbers.min().map(shortest) ?? "NaN"),
            .text(numbers.max().map(shortest) ?? "NaN"),
            .text(line.values.last.map(shortest) ?? ""),
        ])
    }
    page.endTable()
    if series.count > 100 { page.paragraph("Note", "\(series.count - 100) more are not shown") }
}

/// Lines over time as a picture in SVG.
struct Drawing {
    static let colours = [
        (name: "blue", code: "#1f5fa8"), (name: "red", code: "#b00020"),
        (name: "green", code: "#14632f"), (name: "orange", code: "#b35900"),
        (name: "violet", code: "#6a3d9a"), (name: "brown", code: "#7a4b2a"),
        (name: "teal", code: "#00707a"), (name: "grey", code: "#5a6270"),
    ]

    let series: [SeriesSamples]
    /// Milliseconds since the Unix epoch.
    let from: Int64
    let through: Int64
    private let width = 900.0
    private let height = 260.0

    init(series: [SeriesSamples], from: Int64, through: Int64) {
        self.series = series
        self.from = from
        self.through = through
    }

    var text: String {
        let values = series.flatMap(\.values).filter(\.isFinite)
        guard var low = values.min(), var high = values.max() else { return "" }
        if low == high { (low, high) = (low - 1, high + 1) }
        var text = "<svg viewBox=\"0 0 \(Int(width)) \(Int(height + 20))\" role=\"img\">\n"
        text += "<title>\(series.count) lines between \(shortest(low)) and \(shortest(high)); "
        text += "the table below has their values</title>\n"
        for (index, line) in series.enumerated() {
            let colour = Self.colours[index].code
            text += "<path fill=\"none\" stroke-width=\"1.5\" stroke=\"\(colour)\" d=\""
            text += path(line, low, high) + "\"/>\n"
        }
        text += label(shortest(high), 4, 12) + label(shortest(low), 4, height - 4)
        text += label(TimeText.text(of: Timestamp(milliseconds: from)), 4, height + 16)
        return text + "</svg>\n"
    }

    /// The line's steps; one that is missing or not finite breaks the line.
    private func path(_ line: SeriesSamples, _ low: Double, _ high: Double) -> String {
        var text = ""
        var isBroken = true
        var before: Int64 = .min / 2
        let gap = max(2_000, (through - from) / 120)
        for (time, value) in zip(line.times, line.values) {
            if time - before > gap { isBroken = true }
            before = time
            guard value.isFinite else {
                isBroken = true
                continue
            }
            let x = Double(time - from) / Double(max(1, through - from)) * width
            let y = height - (value - low) / (high - low) * (height - 20) - 4
            text += "\(isBroken ? "M" : "L")\(tenths(x)) \(tenths(y)) "
            isBroken = false
        }
        return text
    }

    private func tenths(_ number: Double) -> String { shortest((number * 10).rounded() / 10) }

    private func label(_ text: String, _ x: Double, _ y: Double) -> String {
        "<text x=\"\(x)\" y=\"\(y)\" font-size=\"11\">\(escaped(text))</text>\n"
    }
}
