// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// What follows a selector or a subquery, read back from its text.
struct FuzzSuffix {
    enum Fixed {
        case start
        case end
        /// Milliseconds since the Unix epoch.
        case at(Int64)

        /// The moment, in milliseconds; for a single moment start and end are that.
        func moment(of request: FuzzRequest) -> Int64? {
            switch (self, request.time) {
            case (.at(let time), _): time
            case (.start, _) where request.ends != nil: request.ends?.start
            case (.end, _) where request.ends != nil: request.ends?.end
            case (_, .instant(let time)): time
            case (.start, .range(let start, _, _)): start
            case (.end, .range(_, let end, _)): end
            }
        }
    }

    private(set) var fixed: Fixed?
    /// Milliseconds.
    private(set) var offset: Int64 = 0

    /// Reads ` offset 5m @ 12.5`, in either order; nil where it is something else.
    init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count.isMultiple(of: 2) else { return nil }
        for place in stride(from: 0, to: words.count, by: 2) {
            let word = words[place + 1]
            switch (words[place], word) {
            case ("offset", _):
                guard let duration = Self.milliseconds(word) else { return nil }
                offset = duration
            case ("@", "start()"): fixed = .start
            case ("@", "end()"): fixed = .end
            case ("@", _):
                guard let seconds = Double(word) else { return nil }
                fixed = .at(Int64((seconds * 1_000).rounded()))
            default: return nil
            }
        }
    }

    /// A duration such as `-5m250ms`.
    static func milliseconds(_ text: Substring) -> Int64? {
        let isNegative = text.first == "-"
        var rest = isNegative ? text.dropFirst() : text
        var total: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber }
            let unit = rest.dropFirst(digits.count).prefix { $0.isLetter }
            let sizes: [Substring: Int64] = [
                "ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000,
            ]
            guard let number = Int64(digits), let size = sizes[unit] else { return nil }
            total += number * size
            rest = rest.dropFirst(digits.count + unit.count)
        }
        return isNegative ? -total : total
    }
}

/// The labels that an aggregation keeps apart by, read back from its text.
struct FuzzGrouping {
    private let isBy: Bool
    private let names: Set<String>

    /// Reads `by (a, b)`, `without (a)` or nothing.
    init?(_ text: String) {
        guard !text.isEmpty else {
            (isBy, names) = (true, [])
            return
        }
        guard let open = text.firstIndex(of: "("), text.hasSuffix(")") else { return nil }
        isBy = text.hasPrefix("by")
        let list = text[text.index(after: open)...].dropLast()
        names = Set(list.split { $0 == "," || $0 == " " }.map(String.init))
    }

    /// The group of a series.
    func key(of labels: FuzzLabels) -> FuzzLabels {
        isBy ? labels.keeping(names) : labels.without(names.union(["__name__"]))
    }
}

extension FuzzExpression {
    /// Whether it is a text or a number and nothing to be asked.
    var isWord: Bool {
        if case .number = self { return true }
        return false
    }

    /// Whether it chooses among series.
    var isChoice: Bool {
        guard case .aggregation(let name, _, _, _) = self else { return false }
        return name == "topk" || name == "bottomk"
    }

    /// All that could have been chosen in the place of what was.
    var withoutChoices: FuzzExpression {
        let copy = with(children.map(\.withoutChoices))
        return isChoice ? copy.children[0] : copy
    }

    /// The same with values that are multiples of a unit; samples as they are stored stay.
    func rounded(to unit: String) -> FuzzExpression {
        switch self {
        case .number: self
        case .selector(let selector) where !selector.range.isEmpty: self
        case .subquery(let inner, let range, let step, let suffix):
            .subquery(inner.rounded(to: unit), range: range, step: step, suffix: suffix)
        default:
            kind == .scalar
                ? .call("scalar", [.call("round", [vector, .number(unit)], .vector)], .scalar)
                : .call("round", [self, .number(unit)], .vector)
        }
    }

    private var vector: FuzzExpression { .call("vector", [self], .vector) }

    /// What the outermost subqueries ask, as questions of their own; none for a range of moments.
    func subqueryRanges(of request: FuzzRequest) -> [FuzzRequest] {
        guard case .instant(let time) = request.time else { return [] }
        guard case .subquery(let inner, let range, let step, let suffix) = self else {
            return children.flatMap { $0.subqueryRanges(of: request) }
        }
        guard let suffix = FuzzSuffix(suffix), let length = FuzzSuffix.milliseconds(range[...]),
            let interval = FuzzSuffix.milliseconds(step.isEmpty ? "1m" : step[...])
        else { return [] }
        let end = (suffix.fixed?.moment(of: request) ?? time) - suffix.offset
        let first = ((end - length) / interval + 1) * interval
        let last = end / interval * interval
        guard first <= last else { return [] }
        var copy = request.with(inner)
        copy.time = .range(start: first, end: last, step: interval)
        copy.ends = request.ends ?? FuzzRequest.Ends(start: time, end: time)
        return [copy]
    }
}
