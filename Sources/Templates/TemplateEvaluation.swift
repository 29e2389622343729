// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import SourceText

/// One expansion of a template: what was written so far, the variables, the steps left.
struct TemplateEvaluation {
    let definitions: [String: [TemplateNode]]
    let functions: TemplateFunctions
    let limits: TemplateLimits
    let text: String
    let root: TemplateValue
    var output = ""
    var variables: [(name: String, value: TemplateValue)] = []
    private var steps = 0
    private var depth = 0

    /// What a loop does next.
    private enum Flow {
        case onward
        case breakLoop
        case continueLoop
    }

    init(
        definitions: [String: [TemplateNode]],
        functions: TemplateFunctions,
        limits: TemplateLimits,
        text: String,
        root: TemplateValue
    ) {
        self.definitions = definitions
        self.functions = functions
        self.limits = limits
        self.text = text
        self.root = root
        variables = [("$", root)]
    }

    mutating func run(_ nodes: [TemplateNode], dot: TemplateValue) async throws(TemplateError) {
        _ = try await walk(nodes, dot)
    }

    private func fail(_ message: String, at offset: Int) -> TemplateError {
        TemplateError(
            message: message,
            position: SourcePosition(utf8Offset: offset, in: text),
            utf8Offset: offset
        )
    }

    private mutating func step(at offset: Int) throws(TemplateError) {
        steps += 1
        guard steps <= limits.steps else {
            throw fail("the template takes more than \(limits.steps) steps", at: offset)
        }
    }

    private mutating func write(_ piece: String, at offset: Int) throws(TemplateError) {
        guard output.utf8.count + piece.utf8.count <= limits.outputBytes else {
            throw fail("the template gives more than \(limits.outputBytes) bytes", at: offset)
        }
        output += piece
    }

    private mutating func walk(
        _ nodes: [TemplateNode],
        _ dot: TemplateValue
    ) async throws(TemplateError) -> Flow {
        for node in nodes {
            try step(at: 0)
            let flow = try await walk(node, dot)
            if flow != .onward { return flow }
        }
        return .onward
    }

    /// Runs a block whose variables end with it.
    private mutating func block(
        _ nodes: [TemplateNode],
        _ dot: TemplateValue
    ) async throws(TemplateError) -> Flow {
        let count = variables.count
        let flow = try await walk(nodes, dot)
        variables.removeLast(variables.count - count)
        return flow
    }

    private mutating func walk(
        _ node: TemplateNode,
        _ dot: TemplateValue
    ) async throws(TemplateError) -> Flow {
        let count = variables.count
        switch node {
        case .text(let text):
            try write(text, at: 0)
            return .onward
        case .action(let pipeline):
            let value = try await evaluate(pipeline, dot)
            guard pipeline.variables.isEmpty else { return .onward }
            try write(functions.escaped(value), at: pipeline.offset)
            return .onward
        case .condition(let pipeline, let then, let otherwise):
            let isTrue = try await evaluate(pipeline, dot).isTrue
            let flow = try await block(isTrue ? then : otherwise, dot)
            variables.removeLast(variables.count - count)
            return flow
        case .with(let pipeline, let then, let otherwise):
            let value = try await evaluate(pipeline, dot)
            let flow = try await block(value.isTrue ? then : otherwise, value.isTrue ? value : dot)
            variables.removeLast(variables.count - count)
            return flow
        case .range(let pipeline, let body, let otherwise):
            return try await loop(pipeline, body, otherwise, dot)
        case .template(let name, let argument, let offset):
            try await include(name, argument, offset, dot)
            return .onward
        case .breakLoop: return .breakLoop
        case .continueLoop: return .continueLoop
        }
    }

    private mutating func include(
        _ name: String,
        _ argument: Pipeline?,
        _ offset: Int,
        _ dot: TemplateValue
    ) async throws(TemplateError) {
        guard let body = definitions[name] else {
            throw fail("template \"\(name)\" not defined", at: offset)
        }
        guard depth < limits.depth else {
            throw fail("templates call each other too deep", at: offset)
        }
        var value = TemplateValue.null
        if let argument { value = try await evaluate(argument, dot) }
        let outer = variables
        variables = [("$", value)]
        depth += 1
        _ = try await walk(body, value)
        depth -= 1
        variables = outer
    }

    private mutating func loop(
        _ pipeline: Pipeline,
        _ body: [TemplateNode],
        _ otherwise: [TemplateNode],
        _ dot: TemplateValue
    ) async throws(TemplateError) -> Flow {
        var bare = pipeline
        bare.variables = []
        let value = try await evaluate(bare, dot)
        let count = variables.count
        let items: [(TemplateValue, TemplateValue)]
        switch value {
        case .null: items = []
        case .list(let list): items = list.enumerated().map { (.int($0), $1) }
        case .map(let entries), .object(let entries):
            items = entries.sorted { $0.key < $1.key }.map { (.string($0.key), $0.value) }
        case .int(let end) where end <= limits.steps:
            items = (0..<max(0, end)).map { (.int($0), .int($0)) }
        default: throw fail("range can't iterate over \(goText(value))", at: pipeline.offset)
        }
        for (key, item) in items {
            let pair = pipeline.variables.count == 2 ? [key, item] : [item]
            for (name, value) in zip(pipeline.variables, pair) {
                set(name, value, isDeclaration: pipeline.isDeclaration)
            }
            try step(at: pipeline.offset)
            let flow = try await walk(body, item)
            variables.removeLast(variables.count - count)
            if flow == .breakLoop { break }
        }
        return items.isEmpty ? try await block(otherwise, dot) : .onward
    }

    private mutating func set(_ name: String, _ value: TemplateValue, isDeclaration: Bool) {
        if !isDeclaration, let index = variables.lastIndex(where: { $0.name == name }) {
            variables[index].value = value
        } else {
            variables.append((name, value))
        }
    }

    private mutating func evaluate(
        _ pipeline: Pipeline,
        _ dot: TemplateValue
    ) async throws(TemplateError) -> TemplateValue {
        var value: TemplateValue?
        for command in pipeline.commands {
            try step(at: pipeline.offset)
            value = try await evaluate(command, dot, last: value)
        }
        let result = value ?? .null
        for name in pipeline.variables {
            set(name, result, isDeclaration: pipeline.isDeclaration)
        }
        return result
    }

    private mutating func evaluate(
        _ command: Command,
        _ dot: TemplateValue,
        last: TemplateValue?
    ) async throws(TemplateError) -> TemplateValue {
        let head = command.operands[0]
        if case .function(let name) = head.kind {
            if name == "and" || name == "or" {
                return try await connective(name, command, dot, last)
            }
            let arguments = try await arguments(command, dot, last)
            let value = try await call(name, arguments, at: head.offset)
            return try follow(head.fields, from: value, at: head.offset)
        }
        guard command.operands.count > 1 || last != nil else {
            return try await evaluate(head, dot)
        }
        // The last field of the chain is a method, what follows are its arguments.
        var base = head
        guard let method = base.fields.popLast() else {
            throw fail("can't give argument to non-function", at: head.offset)
        }
        let value = try await evaluate(base, dot)
        let arguments = try await arguments(command, dot, last)
        return try member(method, of: value, arguments, at: head.offset)
    }

    private mutating func arguments(
        _ command: Command,
        _ dot: TemplateValue,
        _ last: TemplateValue?
    ) async throws(TemplateError) -> [TemplateValue] {
        var result: [TemplateValue] = []
        for operand in command.operands.dropFirst() {
            result.append(try await evaluate(operand, dot))
        }
        return last.map { result + [$0] } ?? result
    }

    private mutating func connective(
        _ name: String,
        _ command: Command,
        _ dot: TemplateValue,
        _ last: TemplateValue?
    ) async throws(TemplateError) -> TemplateValue {
        var value: TemplateValue?
        for operand in command.operands.dropFirst() {
            let here = try await evaluate(operand, dot)
            if here.isTrue == (name == "or") { return here }
            value = here
        }
        guard let result = last ?? value else {
            throw fail("wrong number of args for \(name): want at least 1 got 0", at: 0)
        }
        return result
    }

    private mutating func evaluate(
        _ operand: Operand,
        _ dot: TemplateValue
    ) async throws(TemplateError) -> TemplateValue {
        try step(at: operand.offset)
        let value: TemplateValue
        switch operand.kind {
        case .dot: value = dot
        case .variable(let name): value = variables.last { $0.name == name }?.value ?? .null
        case .literal(let literal): value = literal
        case .function(let name): value = try await call(name, [], at: operand.offset)
        case .parentheses(let pipeline): value = try await evaluate(pipeline, dot)
        }
        return try follow(operand.fields, from: value, at: operand.offset)
    }

    private func follow(
        _ fields: [String],
        from start: TemplateValue,
        at offset: Int
    ) throws(TemplateError) -> TemplateValue {
        var value = start
        for field in fields { value = try member(field, of: value, [], at: offset) }
        return value
    }

    private func member(
        _ name: String,
        of value: TemplateValue,
        _ arguments: [TemplateValue],
        at offset: Int
    ) throws(TemplateError) -> TemplateValue {
        do throws(TemplateFailure) {
            return try memberValue(name, of: value, arguments)
        } catch {
            throw fail(error.message, at: offset)
        }
    }

    private func call(
        _ name: String,
        _ arguments: [TemplateValue],
        at offset: Int
    ) async throws(TemplateError) -> TemplateValue {
        do throws(TemplateFailure) {
            return try await functions.call(name, arguments)
        } catch {
            throw fail("error calling \(name): \(error.message)", at: offset)
        }
    }
}
