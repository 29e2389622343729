// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// Checks the types of a tree, children before what is made of them.
///
/// Source: Prometheus, promql/parser/parse.go: `checkAST`.
struct TypeCheck {
    let text: String

    /// Checks an expression and everything below it.
    func check(_ expression: Expression) throws(ParseError) {
        switch expression {
        case .number, .string: break
        case .vectorSelector(let selector): try check(selector)
        case .matrixSelector(let matrix): try checkMatchers(matrix.selector)
        case .subquery(let subquery):
            try check(subquery.expression)
            let type = subquery.expression.type
            guard type == .instantVector else {
                let message =
                    "subquery is only allowed on instant vector, got \(type.shortName) instead"
                throw fault(message, at: subquery.range)
            }
        case .call(let call): try check(call)
        case .aggregate(let aggregate): try check(aggregate)
        case .binary(let binary): try check(binary)
        case .unary(let unary):
            try check(unary.operand)
            let type = unary.operand.type
            guard type == .scalar || type == .instantVector else {
                let message =
                    "unary expression only allowed on expressions of type scalar or instant "
                    + "vector, got \(quotedText(type.rawValue))"
                throw fault(message, at: unary.range)
            }
        case .parentheses(let parentheses): try check(parentheses.content)
        }
    }

    private func fault(_ message: String, at range: SourceRange) -> ParseError {
        ParseError(message, at: range, in: text)
    }

    private func expect(
        _ type: ValueType,
        _ expression: Expression,
        in context: String
    ) throws(ParseError) {
        try check(expression)
        try compare(type, expression, in: context, at: expression.range)
    }

    private func compare(
        _ type: ValueType,
        _ expression: Expression,
        in context: String,
        at range: SourceRange
    ) throws(ParseError) {
        guard expression.type != type else { return }
        let message =
            "expected type \(type.rawValue) in \(context), got \(expression.type.rawValue)"
        throw fault(message, at: range)
    }

    private func check(_ selector: VectorSelector) throws(ParseError) {
        guard !selector.isAnchored else {
            let message = "anchored modifier can only be used with range vectors"
            throw fault(message, at: selector.range)
        }
        try checkMatchers(selector)
    }

    private func checkMatchers(_ selector: VectorSelector) throws(ParseError) {
        guard selector.name == nil, selector.matchers.allSatisfy({ $0.matches("") }) else { return }
        let message = "vector selector must contain at least one non-empty matcher"
        throw fault(message, at: selector.range)
    }

    private func check(_ aggregate: Aggregate) throws(ParseError) {
        try expect(.instantVector, aggregate.expression, in: "aggregation expression")
        if let type = aggregate.operation.parameterType, let parameter = aggregate.parameter {
            try expect(type, parameter, in: "aggregation parameter")
        }
    }
}

/// Calls.
extension TypeCheck {
    private func check(_ call: Call) throws(ParseError) {
        let signature = call.function.signature
        let context = "call to function \(quotedText(call.function.rawValue))"
        try checkCount(call)
        if call.function == .info, call.arguments.count > 1 { try checkInfo(call, context) }
        for (index, argument) in call.arguments.enumerated() {
            if call.function == .info, index == 1 { continue }
            guard let last = signature.arguments.last else { continue }
            let type =
                index < signature.arguments.count ? signature.arguments[index] : last
            try expect(type, argument, in: context)
            try checkExtended(call, argument)
        }
    }

    private func checkCount(_ call: Call) throws(ParseError) {
        let signature = call.function.signature
        let (count, wanted) = (call.arguments.count, signature.arguments.count)
        func wrong(_ bound: String, _ limit: Int) -> ParseError {
            let name = quotedText(call.function.rawValue)
            let message = "expected \(bound)\(limit) argument(s) in call to \(name), got \(count)"
            return fault(message, at: call.range)
        }
        guard signature.variadic != 0 else {
            guard count == wanted else { throw wrong("", wanted) }
            return
        }
        let least = wanted - 1
        guard count >= least else { throw wrong("at least ", least) }
        let most = least + signature.variadic
        guard signature.variadic < 0 || count <= most else { throw wrong("at most ", most) }
    }

    /// The second argument of `info` selects labels: it has no name, and may match everything.
    private func checkInfo(_ call: Call, _ context: String) throws(ParseError) {
        let argument = call.arguments[1]
        try compare(.instantVector, argument, in: context, at: call.range)
        guard case .vectorSelector(let selector) = argument, selector.name == nil else {
            let message = "expected label selectors only, got vector selector instead"
            throw fault(message, at: argument.range)
        }
    }

    private func checkExtended(_ call: Call, _ argument: Expression) throws(ParseError) {
        guard case .matrixSelector(let matrix) = argument.unparenthesized else { return }
        let function = call.function
        if matrix.selector.isAnchored, !function.allowsAnchored {
            let message =
                "anchored modifier can only be used with: changes, delta, increase, rate, resets "
                + "- not with \(function.rawValue)"
            throw fault(message, at: call.range)
        }
        if matrix.selector.isSmoothed, !function.allowsSmoothed {
            let message =
                "smoothed modifier can only be used with: delta, increase, rate "
                + "- not with \(function.rawValue)"
            throw fault(message, at: call.range)
        }
    }
}

/// Binary operations.
extension TypeCheck {
    private func check(_ binary: Binary) throws(ParseError) {
        try check(binary.left)
        try check(binary.right)
        let operation = binary.operation
        let (left, right) = (binary.left.type, binary.right.type)
        if binary.returnsBool, !operation.isComparison {
            let message = "bool modifier can only be used on comparison operators"
            throw fault(message, at: operatorRange(binary))
        }
        if operation.isComparison, !binary.returnsBool, left == .scalar, right == .scalar {
            let message = "comparisons between scalars must use BOOL modifier"
            throw fault(message, at: operatorRange(binary))
        }
        if let matching = binary.matching, matching.isOn,
            let label = matching.labels.first(where: matching.included.contains)
        {
            let message = "label \(quotedText(label)) must not occur in ON and GROUP clause at once"
            throw fault(message, at: operatorRange(binary))
        }
        for side in [binary.left, binary.right]
        where side.type != .scalar && side.type != .instantVector {
            let message = "binary expression must contain only scalar and instant vector types"
            throw fault(message, at: side.range)
        }
        try checkMatching(binary)
    }

    private func checkMatching(_ binary: Binary) throws(ParseError) {
        let areVectors = binary.left.type == .instantVector && binary.right.type == .instantVector
        guard areVectors else {
            if binary.matching != nil {
                let message = "vector matching only allowed between instant vectors"
                throw fault(message, at: binary.range)
            }
            guard binary.operation.isSet else { return }
            let name = quotedText(binary.operation.rawValue)
            let message = "set operator \(name) not allowed in binary scalar expression"
            throw fault(message, at: binary.range)
        }
        guard binary.operation.isSet, let matching = binary.matching else { return }
        if matching.cardinality != .manyToMany {
            let name = quotedText(binary.operation.rawValue)
            throw fault("no grouping allowed for \(name) operation", at: binary.range)
        }
        if matching.fillLeft != nil || matching.fillRight != nil {
            let message = "filling in missing series not allowed for set operators"
            throw fault(message, at: binary.range)
        }
    }

    /// The place of the operator with its modifiers, without the space around.
    private func operatorRange(_ binary: Binary) -> SourceRange {
        let bytes = Array(text.utf8)
        var start = binary.left.range.upperBound
        var end = binary.right.range.lowerBound
        while start < end, isSpace(bytes[start]) { start += 1 }
        while end > start, isSpace(bytes[end - 1]) { end -= 1 }
        return start..<end
    }
}
