// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Why a conversation with PostgreSQL, or one query of it, failed.
public struct PostgresError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// The server's name has no address.
        case dns
        /// Nothing accepts connections, or the server turned this one away, or it was cut.
        case refused
        /// The TLS handshake or a certificate failed.
        case tls
        /// Wrong credentials.
        case auth
        /// No answer in time, or the server ended a statement that took too long.
        case timeout
        /// Something answered that does not speak the protocol, or too much.
        case `protocol`
        /// The account lacks a right.
        case permission
        /// The server does not know what was asked for.
        case unsupported
    }

    /// The kind.
    public let reason: Reason
    /// The server's code of five characters; nil where the server said nothing.
    public let sqlState: String?
    /// One line: what was tried, and why it failed.
    public let message: String
    /// Whether the connection is unusable now and must be dropped.
    public let endsConnection: Bool

    /// The message.
    public var description: String { message }

    init(_ reason: Reason, _ message: String, sqlState: String? = nil, endsConnection: Bool) {
        self.reason = reason
        self.message = message
        self.sqlState = sqlState
        self.endsConnection = endsConnection
    }

    /// An error of a connection attempt, told by libpq in its verbose form.
    static func connecting(_ text: String, needsPassword: Bool) -> PostgresError {
        let (state, line) = split(text)
        let reason =
            state.map { Self.reason(ofState: $0) }
            ?? (needsPassword ? .auth : Self.reason(ofText: text))
        return PostgresError(reason, "connect: " + line, sqlState: state, endsConnection: true)
    }

    /// An error of a query: the server's, or libpq's own where there is no code.
    static func querying(_ text: String, sqlState: String?) -> PostgresError {
        let line = firstLine(text)
        guard let state = sqlState, !state.isEmpty else {
            return PostgresError(reason(ofText: text), "query: " + line, endsConnection: true)
        }
        let isShutdown = state.hasPrefix("57P") || state.hasPrefix("08") || state == "25P03"
        return PostgresError(
            isShutdown ? .refused : reason(ofState: state),
            "query: " + line,
            sqlState: state,
            endsConnection: isShutdown
        )
    }

    /// Source: PostgreSQL, appendix A, the classes of SQLSTATE.
    private static func reason(ofState state: String) -> Reason {
        switch state {
        case "42501": return .permission
        case "57014", "55P03", "25P04": return .timeout
        default: break
        }
        switch state.prefix(2) {
        case "28": return .auth
        case "53", "57": return .refused
        case "08": return .protocol
        default: return .unsupported
        }
    }

    /// Reads libpq's own words, which are English: nothing here ever calls `setlocale`.
    private static func reason(ofText text: String) -> Reason {
        let patterns: [(String, Reason)] = [
            ("translate host name", .dns), ("could not parse network address", .dns),
            // What answers the question for TLS with neither yes nor no is no PostgreSQL.
            ("invalid response to SSL negotiation", .protocol),
            ("password", .auth), ("certificate", .tls), ("SSL", .tls),
            ("authentication method", .auth), ("timeout expired", .timeout),
            ("Connection timed out", .timeout), ("expected authentication request", .protocol),
            ("invalid response", .protocol), ("lost synchronization", .protocol),
            ("protocol", .protocol), ("unexpected message", .protocol),
        ]
        for (pattern, reason) in patterns where text.has(pattern) { return reason }
        return .refused
    }

    /// The code, and the line without it, of `FATAL:  28P01: password authentication failed`.
    private static func split(_ text: String) -> (state: String?, line: String) {
        let line = firstLine(text)
        let parts = line.split(separator: ":", omittingEmptySubsequences: false)
        guard
            let index = parts.firstIndex(where: { part in
                let code = part.drop { $0 == " " }
                return code.utf8.count == 5 && part.first == " "
                    && code.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
                    && code.utf8.contains { (48...57).contains($0) }
            }), index > 0
        else { return (nil, line) }
        let state = String(parts[index].drop { $0 == " " })
        let kept = parts[..<index] + parts[parts.index(after: index)...]
        return (state, kept.joined(separator: ":"))
    }

    private static func firstLine(_ text: String) -> String {
        let line =
            text.split(whereSeparator: \.isNewline).first.map(String.init) ?? "no reason given"
        // A server may send anything; a line for people is no longer than this.
        return String(line.prefix(500))
    }
}

extension String {
    /// Whether `part` stands anywhere in it.
    fileprivate func has(_ part: String) -> Bool {
        let (text, part) = (Array(utf8), Array(part.utf8))
        guard text.count >= part.count else { return false }
        return (0...(text.count - part.count)).contains {
            text[$0..<($0 + part.count)].elementsEqual(part)
        }
    }
}
