// SPDX-License-Identifier: Apache-2.0
// Nightjar
import EventIO
import Glibc
import Logging
import TestSupport
import Testing

@Suite struct LogTests {
    private func lines(
        format: Log.Format,
        level: Level = .info,
        burst: Int = 10,
        _ body: (Log) -> Void
    ) throws -> [Substring] {
        let directory = TemporaryDirectory()
        let descriptor = unsafe open(directory.file("log"), O_WRONLY | O_CREAT, 0o644)
        defer { close(descriptor) }
        body(Log(descriptor: descriptor, format: format, level: level, burst: burst))
        let bytes = try contents(ofFile: directory.file("log"))
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }

    @Test func `a line has time, level, message and fields, quoted where needed`() throws {
        let lines = try lines(format: .logfmt) { log in
            log(.warning, "poll failed", [Field("name", "main"), Field("why", "a \"b\"\n")])
        }
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        #expect(line.hasPrefix("ts="))
        #expect(line.hasSuffix(#"level=warn msg="poll failed" name=main why="a \"b\"\n""#))
    }

    @Test func `JSON lines carry the same fields`() throws {
        let lines = try lines(format: .json) { $0(.error, "x", [Field("n", 1)]) }
        #expect(lines.first?.hasSuffix(#""level":"error","msg":"x","n":"1"}"#) == true)
    }

    @Test func `records below the level are not built`() throws {
        var built = false
        func fields() -> [Field] {
            built = true
            return []
        }
        let lines = try lines(format: .logfmt) { $0(.debug, "x", fields()) }
        #expect(lines.isEmpty)
        #expect(!built)
    }

    @Test func `a message beyond its burst is left out`() throws {
        let lines = try lines(format: .logfmt, burst: 2) { log in
            for _ in 0..<2_000 { log(.info, "again") }
        }
        // The burst counts by the second, and the loop may touch a few of them.
        #expect(lines.count >= 2)
        #expect(lines.count < 200)
    }
}
