// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Why the server cannot start, or why its credentials are refused.
public struct HTTPServerError: Error, Sendable, CustomStringConvertible {
    /// What was tried: why it failed.
    public let message: String

    /// Makes an error.
    public init(_ message: String) { self.message = message }

    /// The message.
    public var description: String { message }
}
