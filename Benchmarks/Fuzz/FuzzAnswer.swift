// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPFetch
internal import SourceText

/// What an engine said.
enum FuzzAnswer: Equatable, Sendable {
    /// The kind of error, and its text.
    case failure(String, String)
    /// The type, and the points of each series.
    case success(String, [FuzzLabels: [Point]])

    struct Point: Equatable, Sendable {
        let time: Double
        let text: String

        /// The value; all that is no number is NaN.
        var value: Double { Double(text) ?? .nan }
    }

    /// A point of a series that is not the same in two answers.
    struct Difference {
        let labels: FuzzLabels
        let time: Double
        let ours: Double?
        let theirs: Double?
    }

    init(_ response: HTTPFetchResponse) throws {
        let document = try JSONValue.parse(response.body)
        guard document["status"]?.string == "success" else {
            let kind = document["errorType"]?.string ?? "no type"
            self = .failure("\(response.status) \(kind)", document["error"]?.string ?? "")
            return
        }
        let data = document["data"]
        let type = data?["resultType"]?.string ?? "none"
        var rows: [FuzzLabels: [Point]] = [:]
        let result = data?["result"]?.array ?? []
        if type == "scalar" || type == "string" {
            rows[FuzzLabels([:])] = [Self.point(.array(result))]
        } else {
            for row in result {
                let pairs = (row["metric"]?.members ?? []).map {
                    ($0.key, $0.value.string ?? "")
                }
                let labels = FuzzLabels(Dictionary(pairs) { _, last in last })
                let points = row["values"]?.array ?? row["value"].map { [$0] } ?? []
                rows[labels, default: []] += points.map(Self.point)
            }
        }
        self = .success(type, rows)
    }

    private static func point(_ pair: JSONValue) -> Point {
        Point(time: pair[0]?.number ?? .nan, text: pair[1]?.string ?? "?")
    }

    var isEmpty: Bool { rows.isEmpty }

    /// The series; none where it failed.
    var rows: [FuzzLabels: [Point]] {
        guard case .success(_, let rows) = self else { return [:] }
        return rows
    }

    /// All values that are finite, without their signs.
    var magnitudes: [Double] {
        rows.values.joined().map(\.value.magnitude).filter(\.isFinite)
    }

    /// The value of a series at a moment; nil where there is none.
    func value(_ labels: FuzzLabels, _ time: Double) -> Double? {
        rows[labels]?.first { $0.time == time }?.value
    }

    /// Where the two differ: nil where they do not, beyond the noise of floating point.
    ///
    /// `time` is the first moment that differs, where it is known.
    static func difference(
        _ a: FuzzAnswer,
        _ b: FuzzAnswer
    ) -> (what: String, time: Double?)? {
        switch (a, b) {
        case (.failure(let x, let ours), .failure(let y, let theirs)):
            if x != y { return ("fails as \(x), not \(y)", nil) }
            let (mine, other) = (FuzzErrorText(ours), FuzzErrorText(theirs))
            return mine == other ? nil : ("error \(mine), not \(other)", nil)
        case (.failure(_, let text), .success): return ("only Nightjar fails: \(text)", nil)
        case (.success, .failure(_, let text)): return ("only Prometheus fails: \(text)", nil)
        case (.success(let x, _), .success(let y, _)):
            guard x == y else { return ("type \(x), not \(y)", nil) }
            guard let first = differences(a, b).first else { return nil }
            let what = "\(first.labels) is \(text(first.ours)), not \(text(first.theirs))"
            return (what, first.time)
        }
    }

    /// All points that differ, in order of series and time.
    static func differences(_ a: FuzzAnswer, _ b: FuzzAnswer) -> [Difference] {
        let (ours, theirs) = (a.rows, b.rows)
        var found: [Difference] = []
        for labels in Set(ours.keys).union(theirs.keys).sorted() {
            let (mine, other) = (ours[labels] ?? [], theirs[labels] ?? [])
            if mine == other { continue }
            let left = Dictionary(mine.map { ($0.time, $0) }) { first, _ in first }
            let right = Dictionary(other.map { ($0.time, $0) }) { first, _ in first }
            for time in Set(left.keys).union(right.keys).sorted() {
                if let x = left[time], let y = right[time], isNear(x.text, y.text) { continue }
                let (x, y) = (left[time]?.value, right[time]?.value)
                found.append(Difference(labels: labels, time: time, ours: x, theirs: y))
            }
        }
        return found
    }

    private static func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "missing" }

    private static func isNear(_ a: String, _ b: String) -> Bool {
        if a == b { return true }
        guard let x = Double(a), let y = Double(b) else { return false }
        if x == y || (x.isNaN && y.isNaN) { return true }
        guard x.isFinite, y.isFinite else { return false }
        return (x - y).magnitude <= 1e-9 * max(x.magnitude, y.magnitude)
    }

    /// At most so many characters for people.
    func excerpt(_ limit: Int = 600) -> String {
        let text =
            switch self {
            case .failure(let kind, let message): "\(kind): \(message)"
            case .success(let type, let rows):
                type + " "
                    + rows.sorted { $0.key < $1.key }.map { labels, points in
                        "\(labels) "
                            + points.map { "\($0.text)@\($0.time)" }.joined(separator: " ")
                    }.joined(separator: "\n      ")
            }
        return text.count > limit ? text.prefix(limit) + "..." : text
    }
}

/// The labels of a series in an answer.
struct FuzzLabels: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Names and values; what is not ASCII is escaped, as texts that look alike are equal to Swift.
    let pairs: [String: String]

    init(_ pairs: [String: String]) { self.pairs = pairs.mapValues(Self.plain) }

    private init(plain pairs: [String: String]) { self.pairs = pairs }

    /// A text of ASCII characters alone, which differs where this one does.
    static func plain(_ text: String) -> String {
        guard !text.utf8.allSatisfy({ $0 < 0x80 }) else { return text }
        return text.unicodeScalars.map { $0.escaped(asASCII: true) }.joined()
    }

    var description: String {
        let list = pairs.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return "{\(list.joined(separator: ","))}"
    }

    static func < (a: FuzzLabels, b: FuzzLabels) -> Bool { a.description < b.description }

    func without(_ names: Set<String>) -> FuzzLabels {
        FuzzLabels(plain: pairs.filter { !names.contains($0.key) })
    }

    func keeping(_ names: Set<String>) -> FuzzLabels {
        FuzzLabels(plain: pairs.filter { names.contains($0.key) })
    }
}
