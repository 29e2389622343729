// SPDX-License-Identifier: Apache-2.0
// Nightjar
import EventIO
import Glibc
import Logging
import SourceText
import TestSupport
import Testing

/// What a hostile target says ends in the log: it must stay in its line and in its field.
@Suite struct DamagedFieldTests {
    private static let text = "connect: \"main\" = refused\n\u{1b}[31m\u{7f}\t\\ {\"a\":1} ü€🦉\0"

    private func lines(_ format: Log.Format, _ values: [String]) throws -> [[UInt8]] {
        let directory = TemporaryDirectory()
        let descriptor = unsafe open(directory.file("log"), O_WRONLY | O_CREAT, 0o644)
        defer { close(descriptor) }
        let log = Log(descriptor: descriptor, format: format, burst: .max)
        for value in values { log(.warning, "a source is down", [Field("error", value)]) }
        let bytes = try contents(ofFile: directory.file("log"))
        return bytes.split(separator: 10, omittingEmptySubsequences: false).dropLast().map(
            Array.init
        )
    }

    private var values: [String] {
        Mutations(
            of: Self.text,
            words: ["\n", "\"", "=", "\u{1b}]0;", "\\u0022"],
            count: 2_000,
            seed: 9
        )
        .map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `whatever a field holds, a record is one line without control characters`() throws {
        for format in [Log.Format.logfmt, .json] {
            let values = values
            let lines = try lines(format, values)
            #expect(lines.count == values.count)
            #expect(lines.allSatisfy { $0.allSatisfy { $0 >= 32 && $0 != 127 } })
        }
    }

    @Test func `a line of JSON gives back what the field held`() throws {
        let values = values
        for (value, line) in zip(values, try lines(.json, values)) {
            #expect(try JSONValue.parse(line)["error"]?.string == value)
        }
    }

    @Test func `a line never exceeds what a pipe takes at once`() throws {
        let values = ["a", "\u{1}", "€"].map { String(repeating: $0, count: 100_000) }
        for format in [Log.Format.logfmt, .json] {
            let lines = try lines(format, values)
            #expect(lines.count == values.count)
            #expect(lines.allSatisfy { $0.count < 4_096 && $0.count > 100 })
        }
        #expect(try lines(.json, values).allSatisfy { (try? JSONValue.parse($0)) != nil })
    }
}
