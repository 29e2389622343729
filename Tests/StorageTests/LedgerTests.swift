// SPDX-License-Identifier: Apache-2.0
// Nightjar
import SQLite
import TestSupport
import Testing

@testable import Storage

@Suite struct LedgerTests {
    @Test func `what was applied is loaded again by space and in key order`() async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("ledger.db")
        do {
            let ledger = try Ledger(path: path)
            try await ledger.apply([
                .put(space: "alerts", key: "b", value: [2]),
                .put(space: "alerts", key: "a", value: []),
                .put(space: "silences", key: "a", value: [9]),
            ])
            try await ledger.apply([
                .put(space: "alerts", key: "b", value: [3]),
                .remove(space: "silences", key: "a"),
                .remove(space: "silences", key: "none"),
            ])
        }
        let ledger = try Ledger(path: path)
        let rows = try await ledger.load("alerts")
        #expect(rows.map(\.key) == ["a", "b"])
        #expect(rows.map(\.value) == [[], [3]])
        #expect(try await ledger.load("silences").isEmpty)
    }

    @Test func `changes that the disk refused are shown, and saved with the next`() async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("ledger.db")
        do {
            let ledger = try Ledger(path: path)
            try await ledger.apply([.put(space: "s", key: "old", value: [0])])
            let other = try Database.open(path: path)
            try other.execute(
                "CREATE TRIGGER deny BEFORE INSERT ON ledger BEGIN SELECT raise(ABORT, 'no'); END"
            )
            let error = await #expect(throws: StorageError.self) {
                try await ledger.apply([
                    .put(space: "s", key: "new", value: [1]), .remove(space: "s", key: "old"),
                ])
            }
            #expect(error?.reason == .failed)
            #expect(try await ledger.load("s").map(\.key) == ["new"])
            try other.execute("DROP TRIGGER deny")
            try await ledger.apply([.put(space: "s", key: "last", value: [2])])
        }
        #expect(try await Ledger(path: path).load("s").map(\.key) == ["last", "new"])
    }
}
