// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import SQLite

/// Why storage cannot be opened, read or written.
public struct StorageError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Reason: String, Sendable, Hashable {
        /// The database was written by a newer program.
        case newerSchema
        /// The database is damaged.
        case damaged
        /// The disk has no room.
        case full
        /// The directory cannot be made, or the file cannot be opened.
        case unavailable
        /// Another process uses the directory.
        case inUse
        /// Anything else that the disk or the database refuses.
        case failed
    }

    /// The kind of failure.
    public let reason: Reason
    /// What was tried and why it failed, in one line.
    public let message: String

    /// The message.
    public var description: String { message }

    init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    init(_ error: DatabaseError, doing what: String) {
        let reason: Reason =
            if error.isNewerSchema {
                .newerSchema
            } else if error.isDamaged {
                .damaged
            } else if error.isFull {
                .full
            } else if error.isUnavailable {
                .unavailable
            } else {
                .failed
            }
        self.init(reason, "\(what): \(error)")
    }
}
