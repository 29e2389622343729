// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A question to both engines.
struct FuzzRequest: Hashable, Sendable {
    enum Time: Hashable, Sendable {
        case instant(Int64)
        case range(start: Int64, end: Int64, step: Int64)
    }

    struct Ends: Hashable, Sendable {
        let start: Int64
        let end: Int64
    }

    var expression: FuzzExpression
    var time: Time
    /// Whether it is asked by a form, and not in the URL.
    var usesPost = false
    /// What stands for `start()` and `end()` where a moment of a range is asked by itself.
    var ends: Ends?
    /// Another text than the expression's, such as one that is wrong.
    var override: String?

    /// The expression; `isOurs` has it in the words of Prometheus 3, all in the same places.
    func text(isOurs: Bool) -> String {
        var text = override ?? expression.text
        let name = isOurs ? "double_exponential_smoothing(" : "holt_winters                ("
        text.replace("holt_winters(", with: name)
        if let ends {
            text.replace("@ start()", with: "@ " + Self.seconds(ends.start))
            text.replace("@ end()", with: "@ " + Self.seconds(ends.end))
        }
        return text
    }

    /// Where it is asked, without the parameters.
    var path: String {
        if case .instant = time { return "/api/v1/query" }
        return "/api/v1/query_range"
    }

    /// The parameters, encoded for a URL or a form.
    func parameters(isOurs: Bool) -> String {
        var parts = ["query=" + Self.encoded(text(isOurs: isOurs))]
        switch time {
        case .instant(let time): parts.append("time=" + Self.seconds(time))
        case .range(let start, let end, let step):
            parts.append("start=" + Self.seconds(start))
            parts.append("end=" + Self.seconds(end))
            parts.append("step=\(step / 1_000)")
        }
        return parts.joined(separator: "&")
    }

    var description: String {
        let text = text(isOurs: false)
        switch time {
        case .instant(let time): return "\(text)   at \(Self.seconds(time))"
        case .range(let start, let end, let step):
            let times = "from \(Self.seconds(start)) to \(Self.seconds(end)) step \(step / 1_000)"
            return "\(text)   \(times)"
        }
    }

    /// The same with another expression.
    func with(_ expression: FuzzExpression) -> FuzzRequest {
        var copy = self
        copy.expression = expression
        return copy
    }

    /// The moments of a range, each as a question of its own.
    var moments: [FuzzRequest] {
        guard case .range(let start, let end, let step) = time else { return [self] }
        return stride(from: start, through: end, by: Int(step)).map { moment in
            var copy = self
            copy.time = .instant(moment)
            copy.ends = ends ?? Ends(start: start, end: end)
            return copy
        }
    }

    static func seconds(_ milliseconds: Int64) -> String {
        "\(milliseconds / 1_000).\(String(1_000 + milliseconds % 1_000).dropFirst())"
    }

    static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = (48...57).contains(byte) || (65...90).contains(byte & 0xDF)
            let digits = String(byte, radix: 16)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + digits
        }.joined()
    }
}

extension FuzzRequest {
    /// A random question.
    init(_ random: inout SeededRandom) {
        let isRange = random.has(chance: 50)
        // Now and then before the first sample or after the last.
        let offset = random.int(random.has(chance: 5) ? -300...2_900 : 100...2_300)
        let start = FuzzData.startMs + Int64(offset) * 1_000 + 500
        let step = Int64(random.pick([7, 15, 30, 60, 61, 113])) * 1_000
        let end = start + step * Int64(random.int(0...20))
        usesPost = random.has(chance: 30)
        time = isRange ? .range(start: start, end: end, step: step) : .instant(start)
        var generator = FuzzGenerator(random)
        expression = generator.root(isInstant: !isRange)
        random = generator.random
    }

    /// The same with a text that one change has made wrong, or another.
    func broken(_ random: inout SeededRandom) -> FuzzRequest {
        var plain = expression.text
        // What is right all the same cannot be judged as its parts can be, so what is known is left out.
        plain.replace("atan2", with: "+")
        var scalars = Array(plain.unicodeScalars)
        let place = random.int(0...max(0, scalars.count - 1))
        let marks = Array("(){}[],=~!@:\"'+-*/^%<> `#$ab019_.".unicodeScalars)
        let words = ["by", "on", "offset", "bool", "and", "sum", "5m", "rate", "group_left", "inf"]
        switch random.int(0...4) {
        case 0 where !scalars.isEmpty: scalars.remove(at: place)
        case 1: scalars.insert(random.pick(marks), at: place)
        case 2 where !scalars.isEmpty: scalars[place] = random.pick(marks)
        case 3 where !scalars.isEmpty: scalars.removeSubrange(place...)
        default:
            scalars.insert(contentsOf: " \(random.pick(words)) ".unicodeScalars, at: place)
        }
        var copy = self
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars)
        copy.override = text
        return copy
    }
}

/// Where what 2.42 takes for a mistake is the language by now, or told in other words.
enum NewSyntax {
    /// What 2.42 says where a duration, which may be a number or a sum by now, or a label's name, which
    /// may be any text, between quotes, is not as it was, or where start() and end() are no functions.
    private static let marks = [
        "duration", "unexpected colon", "in subquery or range", "invalid label name",
        "invalid destination label name", "invalid source label name", "expected identifier",
        "trailing commas", "expected label", "unexpected \"(\"",
    ]

    static func explains(_ ours: FuzzAnswer, _ theirs: FuzzAnswer) -> Bool {
        // What is right by chance has no parts that could be asked for, so its values prove nothing.
        if case .success(let type, _) = ours, case .success(type, _) = theirs { return true }
        guard case .failure(_, let text) = theirs else { return false }
        if case .failure(_, let own) = ours, own.contains("duration") { return true }
        return marks.contains { text.contains($0) }
    }
}
