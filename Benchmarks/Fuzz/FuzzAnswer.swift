// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPFetch
internal import SourceText

/// A question to both engines.
struct FuzzRequest: Hashable, Sendable {
    enum Time: Hashable, Sendable {
        case instant(Int64)
        case range(start: Int64, end: Int64, step: Int64)
    }

    var expression: FuzzExpression
    var time: Time

    /// The path and query that ask it.
    var path: String {
        let query = "query=" + encoded(expression.text)
        switch time {
        case .instant(let time): return "/api/v1/query?\(query)&time=\(seconds(time))"
        case .range(let start, let end, let step):
            let range = "start=\(seconds(start))&end=\(seconds(end))&step=\(step / 1_000)"
            return "/api/v1/query_range?\(query)&\(range)"
        }
    }

    var description: String {
        switch time {
        case .instant(let time): "\(expression.text)   at \(seconds(time))"
        case .range(let start, let end, let step):
            "\(expression.text)   from \(seconds(start)) to \(seconds(end)) step \(step / 1_000)"
        }
    }

    private func seconds(_ milliseconds: Int64) -> String {
        "\(milliseconds / 1_000).\(String(1_000 + milliseconds % 1_000).dropFirst())"
    }

    private func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = (48...57).contains(byte) || (65...90).contains(byte & 0xDF)
            let digits = String(byte, radix: 16)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + digits
        }.joined()
    }
}

/// What an engine said.
enum FuzzAnswer: Equatable, Sendable {
    /// The kind of error, and its text.
    case failure(String, String)
    /// The type, and the points of each series by its labels: time and value as texts.
    case success(String, [String: [Point]])

    struct Point: Equatable, Sendable {
        let time: Double
        let text: String
    }

    init(_ response: HTTPFetchResponse) throws {
        let document = try JSONValue.parse(response.body)
        guard document["status"]?.string == "success" else {
            self = .failure(
                document["errorType"]?.string ?? "status \(response.status)",
                document["error"]?.string ?? ""
            )
            return
        }
        let data = document["data"]
        let type = data?["resultType"]?.string ?? "none"
        var rows: [String: [Point]] = [:]
        let result = data?["result"]?.array ?? []
        if type == "scalar" || type == "string" {
            rows[""] = [Self.point(.array(result))]
        } else {
            for row in result {
                let pairs = (row["metric"]?.members ?? []).map {
                    "\($0.key)=\($0.value.string ?? "")"
                }
                let points = row["values"]?.array ?? row["value"].map { [$0] } ?? []
                rows[pairs.sorted().joined(separator: ","), default: []] += points.map(Self.point)
            }
        }
        self = .success(type, rows)
    }

    private static func point(_ pair: JSONValue) -> Point {
        Point(time: pair[0]?.number ?? .nan, text: pair[1]?.string ?? "?")
    }

    var isEmpty: Bool {
        guard case .success(_, let rows) = self else { return true }
        return rows.isEmpty
    }

    /// All values, in order; all NaNs are one, below all others.
    var values: [Double] {
        texts.map { Double($0) ?? .nan }.map { $0.isNaN ? -.greatestFiniteMagnitude : $0 }.sorted()
    }

    /// Whether all values are finite.
    var isFinite: Bool { texts.allSatisfy { Double($0)?.isFinite ?? false } }

    private var texts: [String] {
        guard case .success(_, let rows) = self else { return [] }
        return rows.values.joined().map(\.text)
    }

    /// Where the two differ: nil where they do not, beyond the noise of floating point.
    ///
    /// `time` is the first moment that differs, where it is known.
    static func difference(
        _ a: FuzzAnswer,
        _ b: FuzzAnswer
    ) -> (what: String, time: Double?)? {
        switch (a, b) {
        case (.failure(let x, _), .failure(let y, _)):
            return x == y ? nil : ("fails as \(x), not \(y)", nil)
        case (.failure(_, let text), .success): return ("only Nightjar fails: \(text)", nil)
        case (.success, .failure(_, let text)): return ("only Prometheus fails: \(text)", nil)
        case (.success(let x, let ours), .success(let y, let theirs)):
            guard x == y else { return ("type \(x), not \(y)", nil) }
            for name in Set(ours.keys).union(theirs.keys).sorted() {
                guard let mine = ours[name] else {
                    return ("only Prometheus has {\(name)}", theirs[name]?.first?.time)
                }
                guard let other = theirs[name] else {
                    return ("only Nightjar has {\(name)}", mine.first?.time)
                }
                if let found = difference(mine, other, name) { return found }
            }
            return nil
        }
    }

    private static func difference(
        _ mine: [Point],
        _ other: [Point],
        _ name: String
    ) -> (what: String, time: Double?)? {
        for (x, y) in zip(mine, other) {
            if x.time != y.time { return ("{\(name)} has other times", min(x.time, y.time)) }
            if !isNear(x.text, y.text) {
                return ("{\(name)} is \(x.text), not \(y.text)", x.time)
            }
        }
        guard mine.count != other.count else { return nil }
        let longer = mine.count > other.count ? mine : other
        return ("{\(name)} has other times", longer[min(mine.count, other.count)].time)
    }

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
                    + rows.sorted { $0.key < $1.key }.map { name, points in
                        "{\(name)} "
                            + points.map { "\($0.text)@\($0.time)" }.joined(separator: " ")
                    }.joined(separator: "\n      ")
            }
        return text.count > limit ? text.prefix(limit) + "..." : text
    }
}
