// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// How `${NAME}` and `${file:PATH}` in string values are replaced.
///
/// A name begins with a letter or `_`, so that `${1}` of a relabelling stays what it is; `$${`
/// stands for `${`.
public struct Substitution {
    /// Why a value cannot be given.
    public struct Failure: Error, Sendable {
        /// One line: what was tried, and why it failed.
        public let message: String

        /// States a failure.
        public init(_ message: String) { self.message = message }
    }

    /// Gives the value of a variable of the environment; nil where it is not set.
    public let variable: (String) -> String?
    /// Gives the text of a file.
    public let file: (String) throws(Failure) -> String
    let isActive: Bool

    /// Replaces by what the two functions give; the last line end of a file's text is dropped.
    public init(
        variable: @escaping (String) -> String?,
        file: @escaping (String) throws(Failure) -> String
    ) {
        self.variable = variable
        self.file = file
        isActive = true
    }

    private init() {
        variable = { _ in nil }
        file = { path throws(Failure) in throw Failure("\(path) is not read") }
        isActive = false
    }

    /// Leaves all text as it is.
    public static var none: Substitution { Substitution() }

    /// A piece that could not be replaced.
    struct Problem {
        let utf8Offset: Int
        let message: String
    }

    /// Replaces all pieces of `text` and tells those that could not be.
    func expand(_ text: String) -> (text: String, problems: [Problem]) {
        guard isActive, text.utf8.contains(UInt8(ascii: "$")) else { return (text, []) }
        var result = ""
        var problems: [Problem] = []
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                result += "${"
                rest = rest.dropFirst(3)
            } else if let name = Self.name(at: rest) {
                let offset = text.utf8.distance(from: text.startIndex, to: dollar)
                switch value(of: name) {
                case .success(let value): result += value
                case .failure(let failure):
                    problems.append(Problem(utf8Offset: offset, message: failure.message))
                }
                rest = rest.dropFirst(name.count + 3)
            } else {
                result += "$"
                rest = rest.dropFirst()
            }
        }
        return (result + rest, problems)
    }

    private static func name(at text: Substring) -> String? {
        guard text.hasPrefix("${"), let end = text.firstIndex(of: "}") else { return nil }
        let name = text.dropFirst(2)[..<end]
        if name.hasPrefix("file:") { return String(name) }
        let letters = name.utf8.allSatisfy {
            $0 == 95 || (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
        }
        guard let first = name.utf8.first, letters, !(48...57).contains(first) else { return nil }
        return String(name)
    }

    private func value(of name: String) -> Result<String, Failure> {
        guard name.hasPrefix("file:") else {
            return variable(name).map(Result.success)
                ?? .failure(Failure("the environment variable '\(name)' is not set"))
        }
        return Result { () throws(Failure) in
            var text = try file(String(name.dropFirst(5)))
            if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
            return text
        }
    }
}
