// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import SourceText

/// Builds the nodes of a template.
struct TemplateParser {
    /// What `{{define}}` and `{{block}}` gave.
    private(set) var definitions: [String: [TemplateNode]] = [:]
    /// The templates that it calls, with the places.
    private(set) var calls: [(name: String, offset: Int)] = []
    private let text: String
    private var lexer: TemplateLexer
    private var pieces: [TemplatePiece] = []
    private var next = 0
    private var variables: [String]
    private var loops = 0
    private var depth = 0
    // The action that is being read.
    private var tokens: [TemplateToken] = []
    private var cursor = 0

    /// How an open block came to its end.
    private enum Ending {
        case end
        case otherwise
    }

    init(text: String, variables: [String]) {
        self.text = text
        self.variables = ["$"] + variables
        lexer = TemplateLexer(text)
    }

    mutating func parse() throws(TemplateError) -> [TemplateNode] {
        pieces = try lexer.pieces()
        return try nodes(in: nil).nodes
    }

    private mutating func nodes(
        in block: (name: String, offset: Int)?
    ) throws(TemplateError) -> (nodes: [TemplateNode], ending: Ending) {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 100 else { throw fail("blocks are nested too deep", at: block?.offset ?? 0) }
        var nodes: [TemplateNode] = []
        while next < pieces.count {
            let piece = pieces[next]
            next += 1
            switch piece {
            case .text(let text):
                nodes.append(.text(text))
            case .action(let words, let offset):
                tokens = words
                cursor = 0
                skipSpaces()
                guard case .word(let word) = peek.kind else {
                    nodes.append(.action(try pipeline()))
                    continue
                }
                switch word {
                case "end", "else":
                    guard block != nil else { throw fail("unexpected {{\(word)}}", at: offset) }
                    cursor += 1
                    skipSpaces()
                    if word == "end" { try expectEnd("end") }
                    return (nodes, word == "end" ? .end : .otherwise)
                default:
                    if let node = try statement(word, offset) { nodes.append(node) }
                }
            }
        }
        if block != nil { throw fail("unexpected EOF", at: text.utf8.count) }
        return (nodes, .end)
    }

    private mutating func statement(
        _ word: String,
        _ offset: Int
    ) throws(TemplateError) -> TemplateNode? {
        switch word {
        case "if", "with", "range":
            cursor += 1
            return try control(word, offset)
        case "define":
            cursor += 1
            let name = try name("define clause")
            try expectEnd("define clause")
            let outer = variables
            variables = ["$"]
            definitions[name] = try nodes(in: ("define", offset)).nodes
            variables = outer
            return nil
        case "template", "block":
            cursor += 1
            let name = try name("\(word) clause")
            skipSpaces()
            let argument = peek.kind == .end ? nil : try pipeline()
            if word == "block" {
                let outer = variables
                variables = ["$"]
                definitions[name] = try nodes(in: ("block", offset)).nodes
                variables = outer
            }
            calls.append((name, offset))
            return .template(name, argument, offset: offset)
        case "break", "continue":
            cursor += 1
            guard loops > 0 else { throw fail("{{\(word)}} outside {{range}}", at: offset) }
            try expectEnd(word)
            return word == "break" ? .breakLoop : .continueLoop
        default:
            return .action(try pipeline())
        }
    }

    private mutating func control(
        _ word: String,
        _ offset: Int
    ) throws(TemplateError) -> TemplateNode {
        let outer = variables.count
        defer { variables.removeLast(variables.count - outer) }
        let pipeline = try pipeline(isRange: word == "range")
        if word == "range" { loops += 1 }
        let (then, ending) = try nodes(in: (word, offset))
        if word == "range" { loops -= 1 }
        var otherwise: [TemplateNode] = []
        if ending == .otherwise {
            if case .word(let chained) = peek.kind, chained == word, word != "range" {
                cursor += 1
                otherwise = [try control(word, offset)]
            } else {
                try expectEnd("else")
                let (body, ending) = try nodes(in: (word, offset))
                guard ending == .end else { throw fail("expected end; found {{else}}", at: offset) }
                otherwise = body
            }
        }
        return switch word {
        case "if": .condition(pipeline, then: then, otherwise: otherwise)
        case "with": .with(pipeline, then: then, otherwise: otherwise)
        default: .range(pipeline, body: then, otherwise: otherwise)
        }
    }

    // MARK: The words of an action

    private var peek: TemplateToken { tokens[min(cursor, tokens.count - 1)] }

    private mutating func skipSpaces() { while peek.kind == .space { cursor += 1 } }

    private func fail(_ message: String, at offset: Int) -> TemplateError {
        lexer.error(message, at: offset)
    }

    private mutating func expectEnd(_ context: String) throws(TemplateError) {
        skipSpaces()
        guard peek.kind == .end else {
            throw fail("unexpected word in \(context)", at: peek.offset)
        }
    }

    private mutating func name(_ context: String) throws(TemplateError) -> String {
        skipSpaces()
        guard case .literal(.string(let name)) = peek.kind else {
            throw fail("a quoted name is missing in \(context)", at: peek.offset)
        }
        cursor += 1
        return name
    }

    private mutating func pipeline(
        isRange: Bool = false,
        inParentheses: Bool = false
    ) throws(TemplateError) -> Pipeline {
        skipSpaces()
        var result = Pipeline(offset: peek.offset)
        let declared = try declaration(isRange: isRange, &result)
        while true {
            result.commands.append(try command())
            skipSpaces()
            switch peek.kind {
            case .pipe:
                cursor += 1
                continue
            case .end where !inParentheses: break
            case .rightParenthesis where inParentheses: break
            case .end: throw fail("unclosed left paren", at: result.offset)
            default: throw fail("unexpected word in operand", at: peek.offset)
            }
            break
        }
        variables += declared
        return result
    }

    /// Reads `$a :=`, `$a =` or `$a, $b :=` where the action begins with one.
    private mutating func declaration(
        isRange: Bool,
        _ pipeline: inout Pipeline
    ) throws(TemplateError) -> [String] {
        let start = cursor
        var names: [String] = []
        while case .variable(let name) = peek.kind {
            names.append(name)
            cursor += 1
            skipSpaces()
            guard isRange, names.count == 1, peek.kind == .comma else { break }
            cursor += 1
            skipSpaces()
        }
        guard !names.isEmpty, peek.kind == .declare || peek.kind == .assign else {
            cursor = start
            return []
        }
        pipeline.variables = names
        pipeline.isDeclaration = peek.kind == .declare
        cursor += 1
        if !pipeline.isDeclaration {
            for name in names where !variables.contains(name) {
                throw fail("undefined variable \"\(name)\"", at: tokens[start].offset)
            }
        }
        return pipeline.isDeclaration ? names : []
    }

    private mutating func command() throws(TemplateError) -> Command {
        var operands: [Operand] = []
        while true {
            skipSpaces()
            switch peek.kind {
            case .pipe, .end, .rightParenthesis:
                guard !operands.isEmpty else {
                    throw fail("missing value for command", at: peek.offset)
                }
                if operands.count > 1, case .literal = operands[0].kind {
                    throw fail("can't give argument to non-function", at: operands[1].offset)
                }
                return Command(operands: operands)
            default:
                operands.append(try operand())
            }
        }
    }

    private mutating func operand() throws(TemplateError) -> Operand {
        let token = peek
        var operand = Operand(kind: .dot, offset: token.offset)
        cursor += 1
        switch token.kind {
        case .dot: break
        case .field(let name): operand.fields = [name]
        case .literal(let value): operand.kind = .literal(value)
        case .variable(let name):
            guard variables.contains(name) else {
                throw fail("undefined variable \"\(name)\"", at: token.offset)
            }
            operand.kind = .variable(name)
        case .word(let word): operand.kind = try meaning(of: word, at: token.offset)
        case .leftParenthesis:
            depth += 1
            guard depth <= 100 else {
                throw fail("parentheses are nested too deep", at: token.offset)
            }
            operand.kind = .parentheses(try pipeline(inParentheses: true))
            depth -= 1
            cursor += 1
        default: throw fail("unexpected word in operand", at: token.offset)
        }
        while case .field(let name) = peek.kind {
            operand.fields.append(name)
            cursor += 1
        }
        return operand
    }

    private func meaning(of word: String, at offset: Int) throws(TemplateError) -> Operand.Kind {
        switch word {
        case "true": return .literal(.bool(true))
        case "false": return .literal(.bool(false))
        case "nil": return .literal(.null)
        default:
            guard TemplateFunctions.names.contains(word) else {
                throw fail("function \"\(word)\" not defined", at: offset)
            }
            return .function(word)
        }
    }
}
