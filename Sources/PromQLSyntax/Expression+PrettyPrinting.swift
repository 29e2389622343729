// SPDX-License-Identifier: Apache-2.0
// Nightjar

extension Expression {
    /// The expression over several lines: what is longer than 100 characters is broken.
    ///
    /// Source: Prometheus, promql/parser/prettier.go.
    public var prettyPrinted: String { pretty(level: 0) }

    private static let maxLength = 100

    private func pretty(level: Int) -> String {
        let indent = String(repeating: "  ", count: level)
        let line = description
        guard line.utf8.count > Self.maxLength else { return indent + line }
        switch self {
        case .number, .string, .vectorSelector, .matrixSelector: return indent + line
        case .subquery(let node): return node.expression.pretty(level: level) + node.suffix
        case .call(let node):
            let lines = node.arguments.map { $0.pretty(level: level + 1) }
            let list = lines.joined(separator: ",\n")
            return "\(indent)\(node.function.rawValue)(\n\(list)\n\(indent))"
        case .aggregate(let node):
            let parameter = node.parameter.map { $0.pretty(level: level + 1) + ",\n" } ?? ""
            let content = node.expression.pretty(level: level + 1)
            return "\(indent)\(node.head)(\n\(parameter)\(content)\n\(indent))"
        case .binary(let node):
            let left = node.left.pretty(level: level + 1)
            let right = node.right.pretty(level: level + 1)
            return "\(left)\n\(indent)\(node.signs)\n\(right)"
        case .unary(let node):
            // The sign takes the place behind the operand's own indent.
            let operand = node.operand.pretty(level: level).drop { $0 == " " }
            return "\(indent)\(node.isNegative ? "-" : "+")\(operand)"
        case .parentheses(let node):
            return "\(indent)(\n\(node.content.pretty(level: level + 1))\n\(indent))"
        }
    }
}
