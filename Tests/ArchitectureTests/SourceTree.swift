// SPDX-License-Identifier: Apache-2.0
// Nightjar
import EventIO
import TestSupport

/// What stands under `Sources/`.
enum SourceTree {
    /// For each Swift module the modules it imports, each with a file that does.
    static func importsByModule() throws -> [String: [String: String]] {
        var result: [String: [String: String]] = [:]
        for path in swiftFiles {
            let relative = String(path.dropFirst(repositoryRoot.count + 1))
            let module = String(relative.split(separator: "/")[1])
            for line in try TextFile.read(path).split(separator: "\n") {
                guard let name = importedModule(line) else { continue }
                result[module, default: [:]][name] = relative
            }
        }
        return result
    }

    /// The absolute paths of all Swift files.
    static var swiftFiles: [String] {
        ["/*/*.swift", "/*/*/*.swift", "/*/*/*/*.swift"].flatMap {
            paths(matching: repositoryRoot + "/Sources" + $0)
        }
    }

    private static func importedModule(_ line: Substring) -> String? {
        var words = line.split(separator: " ")[...]
        if let first = words.first, ["public", "internal", "package", "private"].contains(first) {
            words.removeFirst()
        }
        guard words.first == "import", words.count >= 2 else { return nil }
        let target = words[words.startIndex + 1]
        // `import struct Module.Type` names the module second.
        let kinds: Set<Substring> = ["struct", "class", "enum", "func", "protocol", "var", "let"]
        let name = kinds.contains(target) && words.count > 2 ? words[words.startIndex + 2] : target
        return name.split(separator: ".").first.map(String.init)
    }
}

/// Files and programs, read as text.
enum TextFile {
    static func read(_ path: String) throws -> String {
        String(decoding: try contents(ofFile: path), as: UTF8.self)
    }

    static func exists(_ path: String) -> Bool { !paths(matching: path).isEmpty }

    static func output(of words: [String]) throws -> String {
        let directory = TemporaryDirectory()
        try ServerProcess.run(words, logFile: directory.file("output"))
        return try read(directory.file("output"))
    }
}

/// The targets of a Markdown text's links that are files of the repository.
struct MarkdownLinks {
    let local: [String]

    init(_ text: String) {
        var targets: [String] = []
        for part in text.split(separator: "](").dropFirst() {
            guard let end = part.firstIndex(of: ")") else { continue }
            let target = part[..<end].split(separator: "#").first ?? ""
            if !target.isEmpty, !target.hasPrefix("http") { targets.append(String(target)) }
        }
        local = targets
    }
}
