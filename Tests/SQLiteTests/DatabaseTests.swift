// SPDX-License-Identifier: Apache-2.0
// Nightjar
import SQLite
import TestSupport
import Testing

@Suite struct DatabaseTests {
    private let directory = TemporaryDirectory()

    private func open(_ name: String = "test.db") throws -> Database {
        try Database.open(path: directory.file(name), synchronous: .normal)
    }

    @Test func `numbers, texts, bytes and nulls come back`() throws {
        var database = try open()
        try database.execute("CREATE TABLE t(a, b, c, d, e, f)")
        try database.with("INSERT INTO t VALUES(?, ?, ?, ?, ?, ?)") { row throws(DatabaseError) in
            try row.bind(1, .min)
            try row.bind(2, double: 0.5)
            try row.bind(3, "zwölf")
            try row.bind(4, [0, 255])
            try row.bind(5, [UInt8]())
            try row.run()
        }
        try database.with("SELECT * FROM t") { row throws(DatabaseError) in
            let isThere = try row.step()
            let (a, b, c) = (row.int(0), row.double(1), row.string(2))
            let (d, e) = (row.bytes(3), row.bytes(4))
            let (emptyIsNull, unboundIsNull) = (row.isNull(4), row.isNull(5))
            let isAtEnd = try !row.step()
            #expect(isThere && isAtEnd)
            #expect(a == .min)
            #expect(b == 0.5)
            #expect(c == "zwölf")
            #expect(d == [0, 255])
            #expect(e == [])
            #expect(!emptyIsNull && unboundIsNull)
        }
    }

    @Test func `a transaction that throws leaves nothing`() throws {
        var database = try open()
        try database.execute("CREATE TABLE t(a UNIQUE)")
        var failure: DatabaseError?
        do throws(DatabaseError) {
            try database.transaction { database throws(DatabaseError) in
                try database.execute("INSERT INTO t VALUES(1)")
                try database.execute("INSERT INTO t VALUES(1)")
            }
        } catch { failure = error }
        #expect(failure?.code == 19)
        let left = try database.integer("SELECT count(*) FROM t")
        #expect(left == 0)
    }

    @Test func `a wrong statement tells what and why`() throws {
        let database = try open()
        var failure: DatabaseError?
        do throws(DatabaseError) { try database.execute("SELEC 1") } catch { failure = error }
        #expect(failure?.description == "near \"SELEC\": syntax error (1): SELEC 1")
    }

    @Test func `migrations run once and in order`() throws {
        let steps = [
            "CREATE TABLE t(a)", "ALTER TABLE t ADD COLUMN b", "INSERT INTO t VALUES(1, 2)",
        ]
        do {
            var database = try open()
            try database.migrate(Array(steps[..<2]))
        }
        var database = try open()
        try database.migrate(steps)
        try database.migrate(steps)
        let rows = try database.integer("SELECT count(*) FROM t")
        #expect(rows == 1)
    }

    @Test func `a migration that fails leaves the schema before it`() throws {
        var database = try open()
        let steps = ["CREATE TABLE t(a)", "CREATE TABLE u(a); CREATE TABLE t(a)"]
        let failed = (try? database.migrate(steps)) == nil
        let version = try database.integer("PRAGMA user_version")
        let tables = try database.integer("SELECT count(*) FROM sqlite_schema")
        #expect(failed)
        #expect(version == 1)
        #expect(tables == 1)
    }

    @Test func `a schema that is newer than the program is refused`() throws {
        var database = try open()
        try database.execute("PRAGMA user_version = 3")
        var failure: DatabaseError?
        do throws(DatabaseError) {
            try database.migrate(["CREATE TABLE t(a)", "CREATE TABLE u(a)"])
        } catch { failure = error }
        #expect(failure?.isNewerSchema == true)
        #expect(failure?.message == "the schema has version 3, newer than this program's 2")
    }

    @Test func `a reader beside the writer sees what is committed`() throws {
        let writer = try open()
        try writer.execute("CREATE TABLE t(a)")
        var reader = try Database.open(path: directory.file("test.db"), access: .readOnly)
        try writer.execute("BEGIN IMMEDIATE; INSERT INTO t VALUES(1)")
        let before = try reader.integer("SELECT count(*) FROM t")
        try writer.execute("COMMIT")
        let after = try reader.integer("SELECT count(*) FROM t")
        let mayWrite = (try? reader.execute("DELETE FROM t")) != nil
        #expect(before == 0)
        #expect(after == 1)
        #expect(!mayWrite)
    }

    @Test func `a missing directory is unavailable`() {
        let error = #expect(throws: DatabaseError.self) { _ = try open("none/test.db") }
        #expect(error?.isUnavailable == true)
    }

    @Test(arguments: [
        ["dd", "if=/dev/urandom", "of=FILE", "bs=100", "count=1", "conv=notrunc"],
        ["dd", "if=/dev/urandom", "of=FILE", "bs=4096", "seek=20", "count=50", "conv=notrunc"],
        ["truncate", "-s", "300000", "FILE"],
        ["truncate", "-s", "50", "FILE"],
    ])
    func `a damaged file is said to be damaged`(words: [String]) throws {
        let path = directory.file("test.db")
        do {
            var database = try open()
            try database.execute("CREATE TABLE t(a)")
            try database.transaction { database throws(DatabaseError) in
                for _ in 0..<2_000 { try database.execute("INSERT INTO t VALUES(zeroblob(300))") }
            }
            try database.checkpoint()
        }
        let words = words.map { $0 == "of=FILE" ? "of=" + path : $0 == "FILE" ? path : $0 }
        #expect(try ServerProcess.run(words) == 0)
        var failure: DatabaseError?
        do throws(DatabaseError) {
            var database = try Database.open(path: path)
            _ = try database.integer("SELECT sum(length(a)) FROM t")
        } catch { failure = error }
        #expect(failure?.isDamaged == true)
    }

    @Test func `a file is set aside with its log, under the first free name`() throws {
        let path = directory.file("test.db")
        for number in 1...2 {
            #expect(try ServerProcess.run(["touch", path, path + "-wal"]) == 0)
            #expect(DatabaseFiles.setAside(path) == "\(path).damaged-\(number)")
            #expect(try ServerProcess.run(["test", "-e", "\(path).damaged-\(number)-wal"]) == 0)
        }
        #expect(DatabaseFiles.setAside(path) == nil)
    }

    @Test func `a lock keeps others out until it is gone`() {
        let path = directory.file("lock")
        do {
            let first = ProcessLock(path)
            #expect(first != nil)
            #expect(ProcessLock(path) == nil)
            withExtendedLifetime(first) {}
        }
        #expect(ProcessLock(path) != nil)
        #expect(ProcessLock(directory.file("none/lock")) == nil)
    }

    @Test func `a directory is made with those above it`() {
        #expect(DatabaseFiles.makeDirectory(directory.file("a/b/c")))
        #expect(DatabaseFiles.makeDirectory(directory.file("a/b/c")))
        #expect(!DatabaseFiles.makeDirectory("/proc/nightjar/a"))
    }

    @Test func `calls of a queue run one after the other`() async throws {
        let queue = try DatabaseQueue(
            path: directory.file("test.db"),
            synchronous: .normal,
            migrations: ["CREATE TABLE t(a)", "INSERT INTO t VALUES(0)"]
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await queue.perform { database throws(DatabaseError) in
                        let value = try database.integer("SELECT a FROM t")
                        try database.execute("UPDATE t SET a = \(value + 1)")
                    }
                }
            }
            try await group.waitForAll()
        }
        let value = try await queue.perform { database throws(DatabaseError) in
            try database.integer("SELECT a FROM t")
        }
        #expect(value == 50)
    }
}

/// Whether this process may mount a small file system.
private let mayMount: Bool = {
    let directory = TemporaryDirectory()
    let words = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", directory.path]
    guard (try? ServerProcess.run(words)) == 0 else { return false }
    return (try? ServerProcess.run(["umount", directory.path])) == 0
}()

@Suite struct FullDiskTests {
    private static func insert(_ database: inout Database) throws(DatabaseError) {
        try database.transaction { database throws(DatabaseError) in
            for _ in 0..<300 { try database.execute("INSERT INTO t VALUES(zeroblob(2000))") }
        }
    }

    @Test(.enabled(if: mayMount, "a small file system needs the right to mount"))
    func `a full disk rolls back, is told, and takes writes again when there is room`() throws {
        let directory = TemporaryDirectory()
        let mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", directory.path]
        #expect(try ServerProcess.run(mount) == 0)
        defer { _ = try? ServerProcess.run(["umount", "-l", directory.path]) }
        var database = try Database.open(path: directory.file("test.db"), synchronous: .normal)
        try database.execute("CREATE TABLE t(a)")
        let filler = ["dd", "if=/dev/zero", "of=" + directory.file("filler"), "bs=64k", "count=27"]
        _ = try ServerProcess.run(filler)
        var failure: DatabaseError?
        do throws(DatabaseError) { try Self.insert(&database) } catch { failure = error }
        #expect(failure?.isFull == true)
        let rows = try database.integer("SELECT count(*) FROM t")
        #expect(rows == 0)
        #expect(try ServerProcess.run(["rm", directory.file("filler")]) == 0)
        try Self.insert(&database)
        let saved = try database.integer("SELECT count(*) FROM t")
        #expect(saved == 300)
    }
}
