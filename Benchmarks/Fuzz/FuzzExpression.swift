// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// What a random expression is made of; it can be printed, taken apart and made smaller.
indirect enum FuzzExpression: Hashable, Sendable {
    enum Kind: Sendable { case scalar, vector, matrix }

    /// A number, or anything else that is one word of a scalar.
    case number(String)
    /// A selector with what follows it; `range` makes it a matrix.
    case selector(Selector)
    case subquery(FuzzExpression, range: String, step: String, suffix: String)
    case call(String, [FuzzExpression], Kind)
    case aggregation(String, parameter: String, grouping: String, FuzzExpression)
    case binary(String, modifiers: String, FuzzExpression, FuzzExpression)
    case negated(FuzzExpression)

    struct Selector: Hashable, Sendable {
        var name: String
        var matchers: [String] = []
        var range = ""
        var suffix = ""
    }

    var kind: Kind {
        switch self {
        case .number: .scalar
        case .selector(let selector): selector.range.isEmpty ? .vector : .matrix
        case .subquery: .matrix
        case .call(_, _, let kind): kind
        case .aggregation: .vector
        case .binary(_, _, let a, let b):
            a.kind == .scalar && b.kind == .scalar ? .scalar : .vector
        case .negated(let inner): inner.kind
        }
    }

    /// The expression as PromQL.
    var text: String {
        switch self {
        case .number(let text): return text
        case .selector(let selector):
            let list =
                selector.matchers.isEmpty ? "" : "{\(selector.matchers.joined(separator: ","))}"
            let range = selector.range.isEmpty ? "" : "[\(selector.range)]"
            return selector.name + list + range + selector.suffix
        case .subquery(let inner, let range, let step, let suffix):
            return "\(inner.operand)[\(range):\(step)]\(suffix)"
        case .call(let name, let arguments, _):
            return "\(name)(\(arguments.map(\.text).joined(separator: ", ")))"
        case .aggregation(let name, let parameter, let grouping, let inner):
            let first = parameter.isEmpty ? "" : parameter + ", "
            return "\(name)\(grouping.isEmpty ? "" : " \(grouping) ")(\(first)\(inner.text))"
        case .binary(let name, let modifiers, let a, let b):
            let middle = modifiers.isEmpty ? name : name + " " + modifiers
            return "\(a.operand) \(middle) \(b.operand)"
        case .negated(let inner): return "-\(inner.operand)"
        }
    }

    private var operand: String {
        switch self {
        case .binary, .negated: "(\(text))"
        default: text
        }
    }

    var children: [FuzzExpression] {
        switch self {
        case .number, .selector: []
        case .subquery(let inner, _, _, _): [inner]
        case .call(_, let arguments, _): arguments
        case .aggregation(_, _, _, let inner): [inner]
        case .binary(_, _, let a, let b): [a, b]
        case .negated(let inner): [inner]
        }
    }

    /// A copy with other children, of the same number.
    func with(_ children: [FuzzExpression]) -> FuzzExpression {
        switch self {
        case .number, .selector: self
        case .subquery(_, let range, let step, let suffix):
            .subquery(children[0], range: range, step: step, suffix: suffix)
        case .call(let name, _, let kind): .call(name, children, kind)
        case .aggregation(let name, let parameter, let grouping, _):
            .aggregation(name, parameter: parameter, grouping: grouping, children[0])
        case .binary(let name, let modifiers, _, _):
            .binary(name, modifiers: modifiers, children[0], children[1])
        case .negated: .negated(children[0])
        }
    }

    /// Expressions of the same kind that are a little smaller.
    var smaller: [FuzzExpression] {
        var result: [FuzzExpression] = []
        for child in children where child.kind == kind { result.append(child) }
        if case .selector(let selector) = self {
            for place in selector.matchers.indices {
                var less = selector
                less.matchers.remove(at: place)
                if !less.name.isEmpty || !less.matchers.isEmpty { result.append(.selector(less)) }
            }
            if !selector.suffix.isEmpty {
                var less = selector
                less.suffix = ""
                result.append(.selector(less))
            }
        }
        if case .subquery(let inner, let range, let step, let suffix) = self, !suffix.isEmpty {
            result.append(.subquery(inner, range: range, step: step, suffix: ""))
        }
        if case .aggregation(let name, let parameter, let grouping, let inner) = self,
            !grouping.isEmpty
        {
            result.append(.aggregation(name, parameter: parameter, grouping: "", inner))
        }
        if kind == .scalar, self != .number("1"), !children.isEmpty { result.append(.number("1")) }
        for place in children.indices {
            for less in children[place].smaller {
                var others = children
                others[place] = less
                result.append(with(others))
            }
        }
        return result
    }

    /// Whether this or anything in it fulfils a condition.
    func contains(where isSo: (FuzzExpression) -> Bool) -> Bool {
        isSo(self) || children.contains { $0.contains(where: isSo) }
    }
}
