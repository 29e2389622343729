// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import SourceText

/// The product's own rules in time lapse: each of their minutes passes in a second.
///
/// There is no second text of the documented alerts, so the demonstration shows what a user gets.
enum DemoRules {
    private static let quickening = 60
    /// A range must hold a few polls, which are a second apart.
    private static let shortestRange = Duration.seconds(5)

    /// Finds the rule files: in the current folder's `rules`, or above the program's own place.
    static func find() -> [String] {
        var places = ["rules"]
        var folder = Substring(executablePath())
        while let slash = folder.lastIndex(of: "/") {
            folder = folder[..<slash]
            places += ["\(folder)/rules", "\(folder)/share/nightjar/rules"]
        }
        return places.lazy.map { paths(matching: $0 + "/*.rules.yml") }.first { !$0.isEmpty } ?? []
    }

    /// Writes each file into `folder`, quickened, and returns how many there were.
    ///
    /// - Throws: `DemoError` where there are none, or what reading or writing them threw.
    static func write(into folder: String) throws -> Int {
        let files = find()
        guard !files.isEmpty else {
            throw DemoError(
                description: "no rules/*.rules.yml here nor above \(executablePath()): "
                    + "run the demo from the checkout, or install by `make install`"
            )
        }
        for file in files {
            let text = String(decoding: try contents(ofFile: file), as: UTF8.self)
            let name = file.split(separator: "/").last ?? ""
            try EventIO.write(Array(quickened(text).utf8), toFile: "\(folder)/\(name)")
        }
        return files.count
    }

    /// The text with the waits of `for` and `keep_firing_for` and all ranges shortened.
    static func quickened(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let trimmed = line.drop { $0 == " " }
            for key in ["for: ", "keep_firing_for: "] where trimmed.hasPrefix(key) {
                guard let wait = durationValue(ofText: String(trimmed.dropFirst(key.count)))
                else { continue }
                let indent = line.prefix { $0 == " " }
                return "\(indent)\(key)\(milliseconds(wait / quickening))ms"
            }
            return rangesQuickened(line)
        }
        return lines.joined(separator: "\n")
    }

    private static func rangesQuickened(_ line: Substring) -> String {
        var result = ""
        var rest = line
        while let open = rest.firstIndex(of: "["), let close = rest[open...].firstIndex(of: "]") {
            result += rest[...open]
            let inside = String(rest[rest.index(after: open)..<close])
            if let range = durationValue(ofText: inside) {
                result += "\(milliseconds(max(range / quickening, shortestRange)))ms"
            } else {
                result += inside
            }
            rest = rest[close...]
        }
        return result + rest
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        let parts = duration.components
        return parts.seconds * 1_000 + parts.attoseconds / 1_000_000_000_000_000
    }
}
