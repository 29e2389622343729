// SPDX-License-Identifier: Apache-2.0
// Nightjar
/// What a command accepts, declared once for parsing and for `--help`.
public struct Command: Sendable {
    /// A flag, or an option with a value.
    public struct Option: Sendable {
        /// What follows the name on the command line.
        public enum Kind: Sendable {
            case flag
            case value(placeholder: String, standard: String? = nil)
            case repeated(placeholder: String)
        }

        let name: String
        let short: Character?
        let kind: Kind
        let help: String

        /// Declares an option; `name` comes without its dashes.
        public init(_ name: String, short: Character? = nil, _ kind: Kind, help: String) {
            self.name = name
            self.short = short
            self.kind = kind
            self.help = help
        }
    }

    /// The arguments that follow the options.
    public struct Positional: Sendable {
        let name: String
        let range: ClosedRange<Int>
        let help: String

        /// Declares how many arguments there may be.
        public init(_ name: String, _ range: ClosedRange<Int> = 1...1, help: String) {
            self.name = name
            self.range = range
            self.help = help
        }
    }

    let name: String
    let summary: String
    let options: [Option]
    let positional: Positional?
    let subcommands: [Command]
    let version: String?
    let nearest: @Sendable (String, [String]) -> String?

    /// Declares a command; one with subcommands takes no arguments of its own.
    ///
    /// Of the program itself, `version` is what `--version` prints, and `nearest` finds the name among
    /// others that an unknown one was probably meant to be.
    public init(
        _ name: String,
        summary: String,
        options: [Option] = [],
        positional: Positional? = nil,
        subcommands: [Command] = [],
        version: String? = nil,
        nearest: @escaping @Sendable (String, [String]) -> String? = { _, _ in nil }
    ) {
        self.name = name
        self.summary = summary
        self.options = options
        self.positional = positional
        self.subcommands = subcommands
        self.version = version
        self.nearest = nearest
    }
}

/// A command line that was understood.
public struct Arguments: Sendable, Equatable {
    /// The names of the commands entered, without the program's.
    public private(set) var path: [String] = []
    /// What was given for each option with a value, defaults included, in order.
    public fileprivate(set) var values: [String: [String]] = [:]
    /// The flags that were given.
    public fileprivate(set) var flags: Set<String> = []
    /// The arguments behind the options.
    public fileprivate(set) var positional: [String] = []

    /// The last value of an option; nil where it was not given and has no default.
    public subscript(option: String) -> String? { values[option]?.last }

    fileprivate mutating func enter(_ command: String) { path.append(command) }
}

/// Why the program ends before it starts.
public enum Refusal: Error, Equatable {
    /// `--help` or `--version` was asked; goes to standard output, exit code 0.
    case help(String)
    /// A mistake; goes to standard error, exit code 2.
    case usage(String)
}

extension Command {
    /// Understands `words`, the command line without the program's name.
    public func parse(_ words: some Sequence<String>) throws(Refusal) -> Arguments {
        var arguments = Arguments()
        try parse(ArraySlice(Array(words)), trail: [self], into: &arguments)
        return arguments
    }

    private func parse(
        _ words: ArraySlice<String>,
        trail: [Command],
        into result: inout Arguments
    ) throws(Refusal) {
        var words = words
        let known = trail.flatMap(\.options)
        while let word = words.popFirst() {
            if word == "--help" || word == "-h" { throw .help(helpText(trail)) }
            if word == "--version", let version = trail[0].version {
                throw .help("\(trail[0].name) \(version)")
            }
            if word == "--" {
                result.positional += words
                break
            }
            if word.hasPrefix("-"), word.count > 1 {
                try takeOption(word, rest: &words, known: known, trail: trail, into: &result)
            } else if let next = subcommands.first(where: { $0.name == word }) {
                result.enter(word)
                return try next.parse(words, trail: trail + [next], into: &result)
            } else if !subcommands.isEmpty {
                let hint = hint(word, subcommands.map(\.name), trail)
                throw mistake("unknown command '\(word)'" + hint, trail)
            } else {
                result.positional.append(word)
            }
        }
        try finish(known, trail, &result)
    }

    private func takeOption(
        _ word: String,
        rest: inout ArraySlice<String>,
        known: [Option],
        trail: [Command],
        into result: inout Arguments
    ) throws(Refusal) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let head = String(parts[0])
        let option =
            head.hasPrefix("--")
            ? known.first { "--\($0.name)" == head }
            : known.first { $0.short.map { "-\($0)" } == head }
        if let option {
            guard case .flag = option.kind else {
                guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
                    throw mistake("expected a value for '\(head)'", trail)
                }
                return try store(value, of: option, head: head, trail: trail, into: &result)
            }
            guard parts.count == 1 else { throw mistake("'\(head)' takes no value", trail) }
            result.flags.insert(option.name)
        } else if head.hasPrefix("--no-"),
            let flag = known.first(where: { "--no-\($0.name)" == head }), case .flag = flag.kind
        {
            result.flags.remove(flag.name)
        } else {
            let hint = hint(head, known.map { "--\($0.name)" }, trail)
            throw mistake("unknown option '\(head)'" + hint, trail)
        }
    }

    private func store(
        _ value: String,
        of option: Option,
        head: String,
        trail: [Command],
        into result: inout Arguments
    ) throws(Refusal) {
        if case .value = option.kind, result.values[option.name] != nil {
            throw mistake("'\(head)' given twice", trail)
        }
        result.values[option.name, default: []].append(value)
    }

    /// Fills defaults in and counts the positional arguments.
    private func finish(
        _ known: [Option],
        _ trail: [Command],
        _ result: inout Arguments
    ) throws(Refusal) {
        for option in known where result.values[option.name] == nil {
            if case .value(_, let standard?) = option.kind {
                result.values[option.name] = [standard]
            }
        }
        guard subcommands.isEmpty else {
            throw mistake(
                "expected one of: " + subcommands.map(\.name).joined(separator: ", "),
                trail
            )
        }
        let range = positional?.range ?? 0...0
        if result.positional.count > range.upperBound {
            throw mistake("unexpected argument '\(result.positional[range.upperBound])'", trail)
        }
        if result.positional.count < range.lowerBound {
            throw mistake("missing <\(positional?.name ?? "")>", trail)
        }
    }

    private func hint(_ word: String, _ names: [String], _ trail: [Command]) -> String {
        trail[0].nearest(word, names).map { ", did you mean '\($0)'?" } ?? ""
    }

    private func mistake(_ message: String, _ trail: [Command]) -> Refusal {
        let name = trail.map(\.name).joined(separator: " ")
        return .usage("\(trail[0].name): error: \(message), try '\(name) --help'")
    }

    private func helpText(_ trail: [Command]) -> String {
        var usage = "usage: " + trail.map(\.name).joined(separator: " ") + " [<options>]"
        if !subcommands.isEmpty { usage += " <command>" }
        if let positional {
            usage +=
                positional.range.lowerBound == 0
                ? " [<\(positional.name)>]" : " <\(positional.name)>"
            if positional.range.upperBound > 1 { usage += "..." }
        }
        var sections = [usage, summary]
        sections.append(table("Commands:", subcommands.map { ($0.name, $0.summary) }))
        sections.append(table("Arguments:", positional.map { [("<\($0.name)>", $0.help)] } ?? []))
        let options = trail.flatMap(\.options).map { ($0.label, $0.explanation) }
        var common = [("-h, --help", "Show this text.")]
        if trail[0].version != nil { common.append(("    --version", "Show the version.")) }
        sections.append(table("Options:", common + options))
        return sections.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private func table(_ title: String, _ rows: [(String, String)]) -> String {
        guard !rows.isEmpty else { return "" }
        let width = rows.map(\.0.count).max() ?? 0
        let lines = rows.map { row in
            "  " + row.0 + String(repeating: " ", count: width - row.0.count + 2) + row.1
        }
        return ([title] + lines).joined(separator: "\n")
    }
}

extension Command.Option {
    fileprivate var label: String {
        let name = (short.map { "-\($0), " } ?? "    ") + "--\(name)"
        return switch kind {
        case .flag: name
        case .value(let placeholder, _): name + "=<\(placeholder)>"
        case .repeated(let placeholder): name + "=<\(placeholder)>..."
        }
    }

    fileprivate var explanation: String {
        if case .value(_, let standard?) = kind { "\(help) (default: \(standard))" } else { help }
    }
}
