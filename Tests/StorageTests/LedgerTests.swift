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

    @Test func `a ledger that is removed under the running store is written again`() async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("ledger.db")
        do {
            let ledger = try Ledger(path: path)
            try await ledger.apply([.put(space: "s", key: "a", value: [1])])
            #expect(try ServerProcess.run(["rm", path, path + "-wal", path + "-shm"]) == 0)
            try await ledger.apply([.put(space: "s", key: "b", value: [2])])
            try await ledger.apply([.put(space: "s", key: "c", value: [3])])
        }
        #expect(try await Ledger(path: path).load("s").map(\.key) == ["a", "b", "c"])
    }

    @Test(arguments: 1...4)
    func `a damaged page of the ledger costs what lay in it`(page: Int) async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("ledger.db")
        let keys = (0..<200).map { "key-\(1_000 + $0)" }
        let ledger = try Ledger(path: path)
        let value = [UInt8](repeating: 7, count: 200)
        try await ledger.apply(keys.map { .put(space: "s", key: $0, value: value) })
        do {
            let other = try Database.open(path: path)
            try other.checkpoint()
        }
        let words = [
            "dd", "if=/dev/urandom", "of=" + path, "bs=4096", "count=1", "seek=\(3 + page)",
            "conv=notrunc", "status=none",
        ]
        #expect(try ServerProcess.run(words) == 0)
        // The first connection has the pages still; another start has not.
        let next = try Ledger(path: path)
        let found = try await next.load("s").map(\.key)
        #expect(found.count > 150)
        #expect(found == keys.filter(Set(found).contains))
        try await next.apply([.put(space: "s", key: "new", value: [1])])
        #expect(try await next.load("s").last?.key == "new")
        #expect(try ServerProcess.run(["test", "-e", path + ".damaged-1"]) == 0)
    }
}
