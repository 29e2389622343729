// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Operators between two operands.
extension FuzzGenerator {
    static let arithmetic = ["+", "-", "*", "/", "%", "^", "atan2"]
    static let comparisons = ["==", "!=", ">", "<", ">=", "<="]
    private static let sets = ["and", "or", "unless"]

    mutating func binary(_ depth: Int) -> FuzzExpression {
        if random.has(chance: 18) { return setOperation(depth) }
        let isComparison = random.has(chance: 40)
        let name = random.pick(isComparison ? Self.comparisons : Self.arithmetic)
        let bool = isComparison && random.has(chance: 50) ? "bool" : ""
        switch random.int(0...11) {
        case 0...2: return .binary(name, modifiers: bool, vector(depth - 1), scalar(1))
        case 3: return .binary(name, modifiers: bool, scalar(1), vector(depth - 1))
        case 4:
            let same = vector(depth - 1)
            return .binary(name, modifiers: bool, same, same)
        case 5, 6: return groupedJoin(name, bool)
        case 7...9: return alignedPair(name, bool, depth)
        default:
            let words = [bool, random.has(chance: 70) ? matching() : "", groupModifier()]
            let modifiers = words.filter { !$0.isEmpty }
            // A group modifier stands after on or ignoring only.
            let isAlone = !modifiers.contains { $0.hasPrefix("on") || $0.hasPrefix("ignoring") }
            let kept = isAlone ? modifiers.filter { !$0.hasPrefix("group") } : modifiers
            let text = kept.joined(separator: " ")
            return .binary(name, modifiers: text, vector(depth - 1), vector(depth - 1))
        }
    }

    private mutating func setOperation(_ depth: Int) -> FuzzExpression {
        let name = random.pick(Self.sets)
        if random.has(chance: 50) { return alignedPair(name, "", depth) }
        let modifiers = random.has(chance: 50) ? matching() : ""
        return .binary(name, modifiers: modifiers, vector(depth - 1), vector(depth - 1))
    }

    /// Two sides of the same labels, so that they find each other.
    private mutating func alignedPair(
        _ name: String,
        _ bool: String,
        _ depth: Int
    ) -> FuzzExpression {
        let labels = random.pick(["job", "job, instance", "instance", ""])
        let isOn = random.has(chance: 40)
        let words = [bool, isOn ? "on (\(labels))" : ""].filter { !$0.isEmpty }
        return .binary(
            name,
            modifiers: words.joined(separator: " "),
            aggregated(by: labels, depth),
            aggregated(by: labels, depth)
        )
    }

    private mutating func aggregated(by labels: String, _ depth: Int) -> FuzzExpression {
        let name = random.pick(["sum", "avg", "min", "max", "count", "group", "stddev"])
        let inner = depth > 1 && random.has(chance: 50) ? vector(depth - 2) : selector()
        return .aggregation(name, parameter: "", grouping: "by (\(labels))", inner)
    }

    private mutating func matching() -> String {
        "\(random.pick(["on", "ignoring"])) (\(labelList()))"
    }

    private mutating func groupModifier() -> String {
        guard random.has(chance: 30) else { return "" }
        let labels = random.pick(["", "version", "new", "version, job"])
        return "\(random.pick(["group_left", "group_right"])) (\(labels))"
    }

    /// Joins that find partners, as those of any other shape seldom do.
    private mutating func groupedJoin(_ name: String, _ bool: String) -> FuzzExpression {
        let metric = random.pick(["g", "n", "c_total", "up", "p_bucket"])
        let many = FuzzExpression.selector(
            FuzzExpression.Selector(name: metric, matchers: matchers(at: 20, of: metric))
        )
        let (one, on, extra) = random.pick([
            ("w", "on (job)", ""), ("i", "on (job, instance)", "version"),
            ("h_count", "on (job)", ""), ("i", "ignoring (code, version, le)", "version"),
            ("i", "on (job, instance)", "version, missing"), ("i", "on (instance, job)", ""),
        ])
        let other = FuzzExpression.selector(FuzzExpression.Selector(name: one))
        let isLeft = random.has(chance: 60)
        let group = "\(isLeft ? "group_left" : "group_right") (\(extra))"
        let words = [bool, on, group].filter { !$0.isEmpty }.joined(separator: " ")
        return isLeft
            ? .binary(name, modifiers: words, many, other)
            : .binary(name, modifiers: words, other, many)
    }
}
