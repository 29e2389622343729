// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Alerts
internal import CivilTime
internal import Samples

/// What one receiver is to be told of one group, before it takes the receiver's own form.
struct Message: Sendable, Hashable {
    /// The same over all attempts.
    var deliveryID: String
    /// The receiver's name.
    var receiver: String
    /// Alertmanager's group key.
    var groupKey: String
    /// The group's text that does not change when a route moves.
    var stableKey: String
    var groupLabels: LabelSet
    /// The alerts, ended ones with their ends.
    var alerts: [Alert]
    var reason: NotificationReason
    /// When it was decided.
    var createdAt: Timestamp

    var firing: [Alert] { alerts.filter { $0.endsAt == nil } }
    var resolved: [Alert] { alerts.filter { $0.endsAt != nil } }
    var isFiring: Bool { alerts.contains { $0.endsAt == nil } }
    var status: String { isFiring ? "firing" : "resolved" }

    /// The labels that all alerts share.
    var commonLabels: LabelSet {
        guard let first = alerts.first else { return .empty }
        return LabelSet(
            first.labels.labels.filter { label in
                alerts.allSatisfy { $0.labels[label.name] == label.value }
            }
        )
    }

    /// The annotations that all alerts share.
    var commonAnnotations: [String: String] {
        guard let first = alerts.first else { return [:] }
        return first.annotations.filter { name, value in
            alerts.allSatisfy { $0.annotations[name] == value }
        }
    }

    /// One line: how many, and what is wrong.
    var headline: String {
        let count = firing.count
        let mark = isFiring ? "[FIRING:\(count)]" : "[RESOLVED]"
        let subjects = isFiring ? firing : alerts
        guard let first = subjects.first else { return mark }
        let names = Set(subjects.map(\.name))
        let what = AlertText(first, now: createdAt).what
        if subjects.count == 1 { return "\(mark) \(what)" }
        let others = subjects.count - 1
        return names.count == 1
            ? "\(mark) \(first.name): \(what) and \(others) more"
            : "\(mark) \(what) and \(others) more"
    }
}

/// What a person must know of one alert, in the order of reading.
struct AlertText: Sendable, Hashable {
    /// What is wrong.
    var what: String
    /// Where: the labels that tell this alert from others.
    var place: String
    /// Since when, or from when to when.
    var since: String
    /// The value now and at the start against its limit; empty where nobody knows.
    var value: String
    /// Whom it hits.
    var impact: String
    /// Why: the description and the evidence.
    var evidence: [String]
    /// What to do first.
    var firstStep: String
    /// Where to read on: name and address.
    var links: [Link]

    struct Link: Sendable, Hashable {
        var name: String
        var url: String
    }

    /// Composes the texts of an alert as of a moment.
    init(_ alert: Alert, now: Timestamp, externalURL: String = "") {
        func annotation(_ name: String) -> String { alert.annotations[name] ?? "" }
        let summary = annotation("summary")
        what = !summary.isEmpty ? summary : alert.name.isEmpty ? "\(alert.labels)" : alert.name
        let hidden: Set = ["alertname", "severity", "__name__"]
        place = alert.labels.pairs.filter { !hidden.contains($0.name) }
            .map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        since = Self.since(alert, now: now)
        value = Self.value(alert)
        impact = annotation("impact")
        let message = annotation("message")
        evidence = [annotation("description"), annotation("evidence"), message]
            .filter { !$0.isEmpty && $0 != summary }
        firstStep = annotation("first_step")
        links = []
        if !annotation("runbook_url").isEmpty {
            links.append(Link(name: "Runbook", url: annotation("runbook_url")))
        }
        if !alert.generatorURL.isEmpty {
            links.append(Link(name: "Graph", url: alert.generatorURL))
        }
        if !externalURL.isEmpty, alert.endsAt == nil {
            links.append(Link(name: "Silence", url: silenceURL(alert, externalURL)))
        }
    }

    /// The parts with their names, without the empty ones and without the links.
    var lines: [(name: String, text: String)] {
        var result = [("Where", place), ("Since", since), ("Value", value), ("Impact", impact)]
        result += evidence.map { ("Evidence", $0) }
        result.append(("First step", firstStep))
        return result.filter { !$0.1.isEmpty }.map { (name: $0.0, text: $0.1) }
    }

    private static func since(_ alert: Alert, now: Timestamp) -> String {
        let start = alert.activeAt
        let began = clock(start)
        guard let end = alert.endsAt else { return "\(began) (for \(lengthText(now - start)))" }
        return "\(began), ended \(clock(end)), lasted \(lengthText(end - start))"
    }

    private static func value(_ alert: Alert) -> String {
        let limit = limitText(alert.expression)
        // An alert on a state is true or false; its number says nothing.
        guard !alert.value.isNaN, limit != "== 1", limit != "== 0" else { return "" }
        var text = "\(shortNumber(alert.value)) now"
        if let first = alert.firstValue { text += ", \(shortNumber(first)) at the start" }
        if let limit { text += ", alerts at \(limit)" }
        return text
    }

    private static func clock(_ time: Timestamp) -> String {
        formatted(milliseconds: time.milliseconds, layout: "2006-01-02 15:04:05 MST")
    }
}

/// A length of time in its two largest units: `1h 5m`.
func lengthText(_ duration: Duration) -> String {
    let seconds = max(0, duration.milliseconds / 1_000)
    let units: [(Int64, String)] = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")]
    var rest = seconds
    var parts: [String] = []
    for (size, name) in units {
        if rest >= size || (size == 1 && parts.isEmpty) { parts.append("\(rest / size)\(name)") }
        rest %= size
    }
    return parts.prefix(2).joined(separator: " ")
}

/// A number with four digits that count.
func shortNumber(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return numberText(value) }
    if value == value.rounded(), abs(value) < 1e9 { return numberText(value) }
    var scale = 1.0
    while abs(value) * scale < 1_000, scale < 1e9 { scale *= 10 }
    while abs(value) * scale >= 10_000, scale > 1e-9 { scale /= 10 }
    let rounded = (value * scale).rounded()
    return numberText(scale >= 1 ? rounded / scale : rounded * (1 / scale))
}

/// The comparison with a number at the end of an expression, as `> 0.9`; nil where there is none.
///
/// The value is that of the part before `and` or `unless`, so its comparison counts.
func limitText(_ expression: String) -> String? {
    guard var end = valuePart(expression) else { return nil }
    while let last = end.last, last == " " || last == ")" || last == "\n" { end.removeLast() }
    let number = end.reversed().prefix { "0123456789.eE+-".contains($0) }
    guard !number.isEmpty, Double(String(number.reversed())) != nil else { return nil }
    var before = end.dropLast(number.count)
    while before.last == " " || before.last == "\n" { before.removeLast() }
    for word in [">=", "<=", "==", "!=", ">", "<"] where before.hasSuffix(word) {
        return "\(word) \(String(number.reversed()))"
    }
    return nil
}

/// What stands before the first `and` or `unless` outside parentheses; nil where `or` comes first.
private func valuePart(_ expression: String) -> Substring? {
    var depth = 0
    var quote: Character?
    var word = expression.startIndex
    for index in expression.indices {
        let letter = expression[index]
        if let open = quote {
            if letter == open { quote = nil }
        } else if "\"'`".contains(letter) {
            quote = letter
        } else if "({[".contains(letter) {
            depth += 1
        } else if ")}]".contains(letter) {
            depth -= 1
        }
        guard letter == " " || letter == "\n" else { continue }
        let text = expression[word..<index]
        if depth == 0, text == "and" || text == "unless" { return expression[..<word] }
        if depth == 0, text == "or" { return nil }
        word = expression.index(after: index)
    }
    return expression[...]
}

/// The page on which a silence for exactly this alert is made.
private func silenceURL(_ alert: Alert, _ externalURL: String) -> String {
    let matchers = alert.labels.pairs.map { "\($0.name)=\(quoted($0.value))" }
    let filter = "{" + matchers.joined(separator: ",") + "}"
    let digits = Array("0123456789ABCDEF")
    var text = ""
    for byte in filter.utf8 {
        let letter = Character(Unicode.Scalar(byte))
        if byte < 128, letter.isLetter || letter.isNumber || "-_.~".contains(letter) {
            text.append(letter)
        } else {
            text += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }
    }
    return "\(externalURL)/#/silences/new?filter=\(text)"
}

/// A text of at most `limit` scalars; a longer one ends in an ellipsis.
func cut(_ text: String, to limit: Int) -> String {
    guard text.unicodeScalars.count > limit else { return text }
    var result = String.UnicodeScalarView()
    result.append(contentsOf: text.unicodeScalars.prefix(max(0, limit - 1)))
    return String(result) + "…"
}
