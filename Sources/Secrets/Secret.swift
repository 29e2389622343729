// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A text that never prints itself.
///
/// Its description is `<redacted>` in every form; the text is reached only by `reveal()`, so a
/// reader finds each use by that name.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let text: String

    /// Wraps a text.
    public init(_ text: String) { self.text = text }

    /// Whether there is nothing to hide.
    public var isEmpty: Bool { text.isEmpty }

    /// Returns the text itself, for the one place that sends it.
    public func reveal() -> String { text }

    /// Always `<redacted>`.
    public var description: String { "<redacted>" }

    /// Always `<redacted>`.
    public var debugDescription: String { "<redacted>" }

    /// Has no children, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Returns `url` with the password of its user information and its query's values hidden.
///
/// Shape: `scheme://user:***@host/path?key=***`; a text without `://` comes back as it is.
public func redacted(url: String) -> String {
    guard let scheme = url.firstRange(ofText: "://") else { return url }
    var rest = url[scheme.upperBound...]
    var result = String(url[..<scheme.upperBound])
    let authorityEnd = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
    if let at = rest[..<authorityEnd].lastIndex(of: "@") {
        let user = rest[..<at]
        result += user.firstIndex(of: ":").map { user[..<$0] + ":***" } ?? user
        rest = rest[at...]
    }
    let cut = rest.firstIndex(of: "?") ?? rest.endIndex
    result += rest[..<cut]
    guard cut < rest.endIndex else { return result }
    let pairs = rest[rest.index(after: cut)...].split(separator: "&").map { pair in
        pair.firstIndex(of: "=").map { String(pair[...$0]) + "***" } ?? String(pair)
    }
    return result + "?" + pairs.joined(separator: "&")
}

extension String {
    /// The first place where `text` stands; the standard library's own needs string processing.
    fileprivate func firstRange(ofText text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
