// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A piece of a parsed template.
indirect enum TemplateNode: Sendable {
    case text(String)
    case action(Pipeline)
    case condition(Pipeline, then: [TemplateNode], otherwise: [TemplateNode])
    case with(Pipeline, then: [TemplateNode], otherwise: [TemplateNode])
    case range(Pipeline, body: [TemplateNode], otherwise: [TemplateNode])
    case template(String, Pipeline?, offset: Int)
    case breakLoop
    case continueLoop
}

/// Commands joined by `|`, with the variables that take the result.
struct Pipeline: Sendable {
    var variables: [String] = []
    var isDeclaration = false
    var commands: [Command] = []
    var offset = 0
}

/// A value or function followed by its arguments.
struct Command: Sendable {
    var operands: [Operand]
}

/// One word of a command.
struct Operand: Sendable {
    indirect enum Kind: Sendable {
        case dot
        case variable(String)
        case literal(TemplateValue)
        case function(String)
        case parentheses(Pipeline)
    }

    var kind: Kind
    var fields: [String] = []
    var offset: Int
}
