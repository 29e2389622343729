// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Exposition
import Samples
import Testing

/// Pages that were changed at random, with seeds that are always the same.
@Suite struct ExpositionFuzzTests {
    private static let lines = [
        "# HELP a_total Things\\n counted \\\\.", "# TYPE a_total counter",
        #"a_total{x="1",y="\"\\\n"} 1"#, #"a_total{x="2"} 2.5e3 1700000000000"#,
        "# TYPE h histogram", #"h_bucket{le="0.5"} 1"#, #"h_bucket{le="+Inf"} 2"#, "h_sum 3",
        "h_count 2", "", "# a comment", #"{"utf.8 é","l.a"="b"} -Inf"#, "plain NaN",
        #"  spaced { a = "b" , } 7 "#, "last 0x1p3 5",
    ]

    /// What random bytes are put in: those that mean something are likelier.
    private static let meaningful = Array("{}=\",\\# \t\n\r\u{0}eE+-.0123456789abNIn_:é".utf8)

    private func mutated(_ bytes: [UInt8], _ numbers: inout SeededNumbers) -> [UInt8] {
        var bytes = bytes
        for _ in 0...Int.random(in: 0..<4, using: &numbers) {
            let place = Int.random(in: 0...bytes.count, using: &numbers)
            let byte =
                Bool.random(using: &numbers)
                ? Self.meaningful.randomElement(using: &numbers) ?? 0
                : UInt8.random(in: 0...255, using: &numbers)
            switch Int.random(in: 0..<5, using: &numbers) {
            case 0: bytes.insert(byte, at: place)
            case 1 where place < bytes.count: bytes[place] = byte
            case 2 where place < bytes.count: bytes.remove(at: place)
            case 3:
                let end = Int.random(in: place...bytes.count, using: &numbers)
                bytes.insert(contentsOf: bytes[place..<end], at: place)
            default: bytes.removeSubrange(place...)
            }
        }
        return bytes
    }

    @Test(arguments: [ExpositionFormat.text, .openMetrics])
    func `a page changed at random is read without harm, twice alike`(
        _ format: ExpositionFormat
    ) {
        let page = Array(Self.lines.joined(separator: "\n").utf8) + [10]
        for seed in 0..<4_000 as Range<UInt64> {
            var numbers = SeededNumbers(state: seed)
            let bytes = mutated(page, &numbers)
            var reader = ExpositionReader()
            let read = reader.read(bytes, format: format)
            let samples = read.families.flatMap(\.samples)
            #expect(samples.count == read.sampleCount, "seed \(seed)")
            let lines = bytes.count { $0 == 10 } + 1
            #expect(samples.count + read.faultCount <= lines, "seed \(seed)")
            #expect(samples.allSatisfy { !$0.labels.metricName.isEmpty }, "seed \(seed)")
            #expect(
                samples.allSatisfy { Set($0.labels.labels.map(\.name)).count == $0.labels.count },
                "seed \(seed)"
            )
            // A reader that has seen other pages says the same of this one.
            let again = reader.read(bytes, format: format)
            #expect(again.sampleCount == read.sampleCount, "seed \(seed)")
            #expect(again.families.map(\.name) == read.families.map(\.name), "seed \(seed)")
        }
    }

    @Test func `a line changed at random costs no line but itself`() {
        let others = (0..<4).map { "other\($0){n=\"\($0)\"} \($0)" }
        for seed in 0..<4_000 as Range<UInt64> {
            var numbers = SeededNumbers(state: seed)
            let line = Array((Self.lines.randomElement(using: &numbers) ?? "").utf8)
            let broken = mutated(line, &numbers).filter { $0 != 10 }
            var bytes = Array((others[..<2].joined(separator: "\n") + "\n").utf8)
            bytes += broken + [10]
            bytes += Array((others[2...].joined(separator: "\n") + "\n").utf8)
            var reader = ExpositionReader()
            let names = reader.read(bytes, format: .text).families.flatMap(\.samples).map {
                $0.labels.metricName
            }
            for number in 0..<4 { #expect(names.contains("other\(number)"), "seed \(seed)") }
        }
    }

    @Test func `what is written of a page that was changed is read back the same`() {
        let page = Array(Self.lines.joined(separator: "\n").utf8) + [10]
        for seed in 0..<2_000 as Range<UInt64> {
            var numbers = SeededNumbers(state: seed)
            var reader = ExpositionReader()
            let read = reader.read(mutated(page, &numbers), format: .text)
            let first = ExpositionWriter.page(read.families, format: .text)
            let again = reader.read(first, format: .text)
            #expect(again.faultCount == 0, "seed \(seed): \(again.faults)")
            let second = ExpositionWriter.page(again.families, format: .text)
            let lines = Set(String(decoding: first, as: UTF8.self).split(separator: "\n"))
            let different = String(decoding: second, as: UTF8.self).split(separator: "\n")
                .filter { !lines.contains($0) }
            #expect(first == second, "seed \(seed): \(different) of \(lines)")
        }
    }
}
