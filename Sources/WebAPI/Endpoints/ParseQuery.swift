// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import PromQLSyntax
internal import Samples
internal import SourceText

/// `/api/v1/parse_query`: an expression as a tree.
///
/// Source: Prometheus 3, web/api/v1/translate_ast.go.
func answerParseQuery(_ web: WebRequest) throws -> HTTPResponse {
    let query = try web.naming("query") { () throws(APIError) in try web.expression() }
    return .success { $0.tree(query.expression) }
}

extension JSONWriter {
    fileprivate mutating func tree(_ expression: Expression) {
        object { json in
            switch expression {
            case .number(let node):
                json.field("type", "numberLiteral")
                var text: [UInt8] = []
                text.appendPlain(node.value)
                json.field("val", String(decoding: text, as: UTF8.self))
            case .string(let node):
                json.field("type", "stringLiteral")
                json.field("val", node.value)
            case .vectorSelector(let node):
                json.field("type", "vectorSelector")
                json.selector(node)
            case .matrixSelector(let node):
                json.field("type", "matrixSelector")
                json.duration("range", node.window)
                json.selector(node.selector)
            case .subquery(let node): json.subquery(node)
            case .call(let node): json.call(node)
            case .aggregate(let node): json.aggregate(node)
            case .binary(let node): json.binary(node)
            case .unary(let node):
                json.field("type", "unaryExpr")
                json.field("op", node.isNegative ? "-" : "+")
                json.child("expr", node.operand)
            case .parentheses(let node):
                json.field("type", "parenExpr")
                json.child("expr", node.content)
            }
        }
    }

    private mutating func child(_ name: String, _ expression: Expression?) {
        key(name)
        if let expression { tree(expression) } else { null() }
    }

    private mutating func selector(_ node: VectorSelector) {
        field("name", node.name ?? "")
        duration("offset", node.offset)
        key("matchers")
        array(node.matchers) { json, matcher in
            json.object { json in
                json.field("name", matcher.name.text)
                json.field("value", matcher.value)
                json.field("type", matcher.kind.rawValue)
            }
        }
        moment(node.at)
        field("anchored", node.isAnchored)
        field("smoothed", node.isSmoothed)
    }

    private mutating func subquery(_ node: Subquery) {
        field("type", "subquery")
        child("expr", node.expression)
        duration("range", node.window)
        duration("offset", node.offset)
        duration("step", node.step ?? .zero)
        moment(node.at)
    }

    private mutating func call(_ node: Call) {
        field("type", "call")
        key("func")
        object { json in
            let signature = node.function.signature
            json.field("name", node.function.rawValue)
            json.key("argTypes")
            json.array(signature.arguments) { $0.string($1.shortName) }
            json.field("variadic", signature.variadic)
            json.field("returnType", signature.result.shortName)
        }
        key("args")
        array(node.arguments) { $0.tree($1) }
    }

    private mutating func aggregate(_ node: Aggregate) {
        field("type", "aggregation")
        field("op", node.operation.rawValue)
        child("expr", node.expression)
        child("param", node.parameter)
        texts("grouping", node.grouping)
        field("without", node.isWithout)
    }

    private mutating func binary(_ node: Binary) {
        field("type", "binaryExpr")
        field("op", node.operation.rawValue)
        child("lhs", node.left)
        child("rhs", node.right)
        key("matching")
        if let matching = node.matching {
            object { json in
                json.field("card", matching.cardinality.rawValue)
                json.texts("labels", matching.labels)
                json.field("on", matching.isOn)
                json.texts("include", matching.included)
            }
        } else {
            null()
        }
        field("bool", node.returnsBool)
    }

    private mutating func texts(_ name: String, _ list: [String]) {
        key(name)
        array(list) { $0.string($1) }
    }

    private mutating func duration(_ name: String, _ value: DurationValue) {
        key(name)
        integer(value.duration.milliseconds)
    }

    private mutating func moment(_ at: AtModifier?) {
        key("timestamp")
        if case .timestamp(let time) = at { integer(time.milliseconds) } else { null() }
        key("startOrEnd")
        switch at {
        case .start: string("start")
        case .end: string("end")
        case .timestamp, nil: null()
        }
    }
}
