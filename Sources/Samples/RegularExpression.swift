// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CRE2
internal import Glibc

/// Why a regular expression was refused.
public struct RegularExpressionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, in the words of Go's library, with the part that it is about.
    public let message: String

    /// The message.
    public var description: String { message }

    /// Puts RE2's words into those of Go's library, which users of Prometheus know.
    init(re2 words: String) {
        guard let colon = words.firstIndex(of: ":") else {
            message = "\(Self.reasons[words] ?? words): ``"
            return
        }
        let reason = String(words[..<colon])
        let part = words[colon...].dropFirst(2)
        message = "\(Self.reasons[reason] ?? reason): `\(part)`"
    }

    private static let reasons = [
        "missing ]": "missing closing ]",
        "missing )": "missing closing )",
        "trailing \\": "trailing backslash at end of expression",
        "no argument for repetition operator": "missing argument to repetition operator",
        "invalid repetition size": "invalid repeat count",
        "bad repetition operator": "invalid nested repetition operator",
        "invalid perl operator": "invalid or unsupported Perl syntax",
        "invalid named capture group": "invalid named capture",
    ]
}

/// A compiled RE2 expression, anchored at both ends and with `.` matching line ends, as in
/// Prometheus; matching takes time linear in the text for any expression.
///
/// `@unchecked Sendable`: RE2 documents that one object may match in many threads at once.
@safe public final class RegularExpression: @unchecked Sendable, Equatable {
    /// The expression as written.
    public let pattern: String
    private let handle: OpaquePointer
    private let shortcut: TextPattern?

    /// Compiles an expression.
    ///
    /// - Throws: `RegularExpressionError` with what is wrong.
    public init(_ pattern: String) throws(RegularExpressionError) {
        var message = [CChar](repeating: 0, count: 256)
        var text = pattern
        let compiled = text.withUTF8 { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
                unsafe nj_re2_new(characters.baseAddress, characters.count, &message, 256)
            }
        }
        guard let compiled = unsafe compiled else {
            let words = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw RegularExpressionError(re2: String(decoding: words, as: UTF8.self))
        }
        unsafe handle = compiled
        self.pattern = pattern
        shortcut = TextPattern(pattern)
    }

    deinit { unsafe nj_re2_free(handle) }

    /// Whether two expressions are written alike.
    public static func == (a: RegularExpression, b: RegularExpression) -> Bool {
        a.pattern == b.pattern
    }

    /// How many groups in parentheses the expression captures.
    public var groupCount: Int { unsafe Int(nj_re2_groups(handle)) }

    /// The number of the group of this name; nil where the expression has none.
    public func group(named name: String) -> Int? {
        let number = unsafe name.withCString { unsafe nj_re2_group_named(handle, $0) }
        return number < 0 ? nil : Int(number)
    }

    /// Whether the whole text matches.
    public func matches(_ text: String) -> Bool { shortcut?.matches(text) ?? searches(text) }

    /// Asks RE2, whatever shorter way there is.
    func searches(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
                unsafe nj_re2_full_match(handle, characters.baseAddress, characters.count)
            }
        }
    }

    /// The texts of the whole match (first) and of each group; nil where the text does not match.
    ///
    /// A group that took no part is nil, and at most 15 groups are told. With `anchored` the whole
    /// text must match, as in `label_replace`.
    public func groups(in text: String, anchored: Bool = true) -> [String?]? {
        var text = text
        let count = min(groupCount + 1, 16)
        var places = [Int](repeating: -1, count: count * 2)
        return text.withUTF8 { bytes -> [String?]? in
            let isMatch = unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
                unsafe nj_re2_match(
                    handle,
                    characters.baseAddress,
                    characters.count,
                    anchored,
                    &places,
                    Int32(count)
                )
            }
            guard isMatch else { return nil }
            return (0..<count).map { group in
                let (start, end) = (places[2 * group], places[2 * group + 1])
                guard start >= 0 else { return nil }
                return unsafe String(decoding: bytes[start..<end], as: UTF8.self)
            }
        }
    }
}
