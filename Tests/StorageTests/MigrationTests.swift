// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Locking
import SQLite
import Samples
import Telemetry
import TestSupport
import Testing

@testable import Storage

/// A database as a program of the first schema left it, made by SQL and bytes alone.
@Suite struct MigrationTests {
    private let directory = TemporaryDirectory()

    private func number(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }

    private func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    /// A chunk: version, spare, count, checksum and words, lowest byte first.
    private func chunk(_ times: [Int64], _ values: [Double]) -> String {
        var writer = ChunkWriter()
        for (time, value) in zip(times, values) { writer.append(time, value) }
        let words = writer.chunk().words
        let sum = Checksum.crc32c(words, seed: UInt64(times.count))
        let head = [1, 0] + number(UInt64(times.count), 2) + number(UInt64(sum), 4)
        return hex(head + words.flatMap { number($0, 8) })
    }

    /// A batch of one sample: checksum, series and time in few bytes, and the value in eight.
    private func batch(_ id: UInt8, _ seconds: Int64, _ value: Double) -> String {
        var writer = ByteWriter()
        writer.zigzag(Int64(id))
        writer.zigzag(seconds * 1_000)
        writer.fixed(value.bitPattern)
        return hex(number(UInt64(Checksum.crc32c(writer.bytes.span)), 4) + writer.bytes)
    }

    private func makeFirst() throws {
        let first = (0..<120).map { Int64($0) * 15_000 }
        // In another period than the first.
        let second = (0..<10).map { 21_600_000 + Int64($0) * 15_000 }
        let labels = hex(LabelSet([("__name__", "m"), ("a", "x")]).blob)
        let database = try Database.open(path: directory.file("samples.db"))
        try database.execute(
            """
            CREATE TABLE series(
                id INTEGER PRIMARY KEY AUTOINCREMENT, labels BLOB NOT NULL, first INTEGER,
                last INTEGER
            );
            CREATE TABLE chunk(
                period INTEGER NOT NULL, series INTEGER NOT NULL, first INTEGER NOT NULL,
                last INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY(period, series, first)
            ) WITHOUT ROWID;
            CREATE TABLE batch(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
            INSERT INTO series VALUES(7, x'\(labels)', 0, \(second[9]));
            INSERT INTO chunk VALUES(0, 7, 0, \(first[119]),
                x'\(chunk(first, first.map { Double($0) / 1_000 }))');
            INSERT INTO chunk VALUES(1, 7, \(second[0]), \(second[9]),
                x'\(chunk(second, second.map { Double($0) / 1_000 }))');
            INSERT INTO batch VALUES(41, x'\(batch(7, 21_735, 21_735))');
            INSERT INTO batch VALUES(42, x'\(batch(7, 21_750, .stalenessMarker))');
            PRAGMA user_version = 1;
            """
        )
        _ = try database.checkpoint()
    }

    private func open() async throws -> SeriesStore {
        try await SeriesStore.open(StorageOptions(path: directory.path), telemetry: Registry())
    }

    private func check(_ store: SeriesStore) throws {
        let found = try store.select([], from: at(-1_000), through: at(100_000))
        #expect(found.map(\.labels.description) == ["m{a=\"x\"}"])
        let samples = try #require(found.first)
        #expect(samples.count == 131)
        #expect(samples.times.last == 21_750_000)
        #expect(samples.values.last?.isStalenessMarker == true)
        for (time, value) in zip(samples.times, samples.values).dropLast() {
            #expect(value == Double(time) / 1_000)
        }
    }

    @Test func `a database of the first schema is migrated with all it has`() async throws {
        try makeFirst()
        do {
            let store = try await open()
            try check(store)
            let outcome = store.append(
                [SeriesSamples(labels: ["__name__": "m", "a": "x"], times: [0], values: [0])],
                at: at(21_760)
            )
            #expect(outcome.late == 1)
            store.append([SeriesSample(labels: ["__name__": "new"], value: 1)], at: at(90_000))
            await store.flush()
            #expect(store.head.withLock { $0.series.map(\.id) } == [7, 8])
        }
        let store = try await open()
        let name = Matcher("__name__", equals: "m")
        #expect(try store.select([name], from: at(0), through: at(30_000)).map(\.count) == [131])
        #expect(try store.select([name], from: at(600), through: at(615)).map(\.count) == [2])
    }

    @Test func `what was migrated can be joined`() async throws {
        try makeFirst()
        let store = try await open()
        for minute in 0..<Int64(60) {
            let time = at(90_000 + minute * 60)
            store.append([SeriesSample(labels: ["__name__": "new"], value: 1)], at: time)
            await store.flush()
        }
        try checkCount(store)
        let dirty = try await store.disk?.perform { database throws(DatabaseError) in
            try database.integer("SELECT count(*) FROM dirty WHERE period < 2")
        }
        #expect(dirty == 0)
    }

    private func checkCount(_ store: SeriesStore) throws {
        let name = Matcher("__name__", equals: "m")
        let found = try store.select([name], from: at(-1_000), through: at(80_000))
        #expect(found.map(\.count) == [131])
    }
}

@Suite struct CompactionTests {
    private let directory = TemporaryDirectory()

    @Test func `rows of a period that is over are joined, and say what they said`() async throws {
        let options = StorageOptions(path: directory.path, memoryWindow: .seconds(1_800))
        let store = try await SeriesStore.open(options, telemetry: Registry())
        var generator = SeededGenerator(state: 5)
        var written: [Double] = []
        for step in 0..<Int64(4 * 60 * 13) {
            let value = Double(Int.random(in: 0..<1_000, using: &generator)) / 10
            written.append(value)
            store.append(batch(step * 15, "m", ["a": value, "b": 7]), from: web)
            if step % 4 == 3 { await store.flush() }
        }
        let rows = try await store.disk?.perform { database throws(DatabaseError) in
            try database.integer("SELECT count(*) FROM chunk WHERE key < 1 << 44")
        }
        #expect(rows == 2)
        let found = try store.select([], from: at(0), through: at(1 << 40))
        #expect(found.map { Array($0.values) } == [written, written.map { _ in 7 }])
        let some = try store.select([], from: at(3_600), through: at(3_630))
        #expect(
            some.map(\.times) == [
                [3_600_000, 3_615_000, 3_630_000], [3_600_000, 3_615_000, 3_630_000],
            ]
        )
    }

    @Test func `chunks that begin at the same moment share a row`() async throws {
        let store = try await SeriesStore.open(
            StorageOptions(path: directory.path, memoryWindow: .zero),
            telemetry: Registry()
        )
        let times = ContiguousArray((0..<Int64(1_000)))
        let values = ContiguousArray(times.map(Double.init))
        for start in stride(from: 0, to: 1_000, by: 100) {
            let part = SeriesSamples(
                labels: ["__name__": "m"],
                times: ContiguousArray(times[start..<(start + 100)]),
                values: ContiguousArray(values[start..<(start + 100)])
            )
            #expect(store.append([part], at: at(5_000 + Int64(start) * 60)).appended == 100)
            await store.flush()
        }
        let found = try store.select([], from: at(0), through: at(2))
        #expect(found.map(\.times) == [times])
        #expect(found.map(\.values) == [values])
    }
}
