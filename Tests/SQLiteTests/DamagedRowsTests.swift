// SPDX-License-Identifier: Apache-2.0
// Nightjar
import SQLite
import TestSupport
import Testing

@Suite struct DamagedRowsTests {
    private let directory = TemporaryDirectory()

    /// Every page of a table with an inner page, in turn.
    @Test func `past each damaged page every row comes that a look at its key finds`() throws {
        let path = directory.file("a.db")
        var pages: Int64 = 0
        do {
            var database = try Database.open(path: path)
            try database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, text TEXT)")
            try database.transaction { database throws(DatabaseError) in
                for id in 1...200 {
                    let key = Int64(id * id) << 30
                    try database.execute("INSERT INTO t VALUES(\(key), hex(zeroblob(150)))")
                }
            }
            try database.checkpoint()
            pages = try database.integer("PRAGMA page_count")
        }
        #expect(pages > 10)
        for page in 1..<pages {
            let copy = directory.file("b.db")
            #expect(try ServerProcess.run(["cp", path, copy]) == 0)
            let words = [
                "dd", "if=/dev/urandom", "of=" + copy, "bs=4096", "count=1", "seek=\(page)",
                "conv=notrunc", "status=none",
            ]
            #expect(try ServerProcess.run(words) == 0)
            var database = try Database.open(path: copy, access: .salvage)
            var rows = DamagedRows(table: "t", key: "id", columns: ["text"])
            var found: [Int64] = []
            while rows.next != nil { rows.read(7, from: &database) { found.append($0.int(0)) } }
            let expected = (1...200).map { Int64($0 * $0) << 30 }.filter { key in
                (try? database.integer("SELECT id + length(text) * 0 FROM t WHERE id = \(key)"))
                    == key
            }
            #expect(found == expected.reversed(), "page \(page)")
        }
    }
}
