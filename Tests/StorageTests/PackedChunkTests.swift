// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Samples
import Testing

@testable import Storage

@Suite struct PackedChunkTests {
    private func samples(
        _ values: [Double],
        times: (Int) -> Int64 = { Int64($0) * 15_000 }
    ) -> SeriesSamples {
        SeriesSamples(
            labels: .empty,
            times: ContiguousArray(values.indices.map(times)),
            values: ContiguousArray(values)
        )
    }

    private func decoded(
        _ chunk: Chunk,
        _ from: Int64 = .min,
        _ through: Int64 = .max
    )
        -> SeriesSamples?
    {
        var result = SeriesSamples(labels: .empty)
        return chunk.decode(from: from, through: through, into: &result) ? result : nil
    }

    /// Bytes a sample, after a check that all samples come back bit for bit.
    private func cost(_ samples: SeriesSamples) -> Double {
        let chunk = Chunk(packing: samples)
        let read = decoded(chunk)
        #expect(read?.times == samples.times)
        #expect(read?.values.map(\.bitPattern) == samples.values.map(\.bitPattern))
        return Double(chunk.blob(seed: 0).count) / Double(samples.count)
    }

    @Test func `what hardly changes takes next to nothing`() {
        #expect(cost(samples(Array(repeating: 0.1, count: 120))) < 0.3)
        #expect(cost(samples((0..<120).map { Double($0 / 60) })) < 0.5)
    }

    @Test func `steady counters take under a byte, also where the times jitter`() {
        let counter = (0..<120).map { (step: Int) in Double(1_000_007 + step * 100 + step * 7 % 13)
        }
        #expect(cost(samples(counter)) < 1)
        #expect(cost(samples(counter) { Int64($0) * 15_000 + Int64($0 * 37 % 11) }) < 1.6)
    }

    @Test func `numbers with few decimals take a fraction of their bits`() {
        #expect(
            cost(samples((0..<120).map { (step: Int) in Double(step * 37 % 1_000) / 1_000 })) < 2
        )
        #expect(
            cost(samples((0..<120).map { (step: Int) in Double(1_234_567 + step * 3) / 100 })) < 1
        )
    }

    @Test func `a gap and a reset cost a few bytes`() {
        let steady = (0..<480).map { Double($0 * 3) }
        var reset = steady
        for place in 300..<480 { reset[place] -= 900 }
        let plain = cost(samples(steady))
        #expect(cost(samples(reset) { Int64($0 > 99 ? $0 + 4 : $0) * 15_000 }) < plain + 0.2)
    }

    @Test func `markers among whole numbers are kept apart`() {
        var values = (0..<120).map { Double($0 * 3) }
        values[0] = .nan
        values[50] = .stalenessMarker
        values[51] = -0.0
        values[119] = .infinity
        #expect(cost(samples(values)) < 1.5)
    }

    @Test func `random doubles never take more than their bits and a little`() {
        var generator = SeededGenerator(state: 1)
        let values = (0..<480).map { _ in Double.random(in: 0..<1, using: &generator) }
        #expect(cost(samples(values)) < 8.1)
    }

    @Test(arguments: [1, 2, 3, 64, 65, 66, 128, 129, 480, 2_048])
    func `every range of a chunk takes both ends`(count: Int) {
        let manners: [(Int) -> Double] = [
            { _ in 3 }, { Double($0) }, { Double($0) / 10 }, { 1 / Double($0 + 1) },
            { $0 % 20 == 3 ? .stalenessMarker : Double($0) },
        ]
        for manner in manners {
            for jitter in [Int64(0), 7] {
                let all = samples((0..<count).map(manner)) {
                    Int64($0) * 15_000 + Int64($0 * 5 % 3) * jitter
                }
                let chunk = Chunk(packing: all)
                for first in [0, 1, count / 2, count - 1] where first >= 0 && first < count {
                    for last in [first, min(first + 63, count - 1), count - 1] {
                        let read = decoded(chunk, all.times[first], all.times[last])
                        #expect(read?.times == ContiguousArray(all.times[first...last]))
                        let bits = all.values[first...last].map(\.bitPattern)
                        #expect(read?.values.map(\.bitPattern) == bits)
                    }
                }
                #expect(decoded(chunk, -10, -1)?.count == 0)
                #expect(decoded(chunk, all.times[count - 1] + 1, .max)?.count == 0)
            }
        }
    }

    @Test func `the extreme times come back`() {
        let times: [Int64] = [.min, .min + 1, -8_191, 0, 1, 1 << 40, .max - 1, .max]
        for count in 1...times.count {
            let one = SeriesSamples(
                labels: .empty,
                times: ContiguousArray(times[..<count]),
                values: ContiguousArray(repeating: 1, count: count)
            )
            #expect(decoded(Chunk(packing: one))?.times == one.times)
            let two = SeriesSamples(
                labels: .empty,
                times: ContiguousArray(times.suffix(count)),
                values: ContiguousArray(repeating: 1, count: count)
            )
            #expect(decoded(Chunk(packing: two))?.times == two.times)
        }
    }

    @Test func `bits that make no sense end the reading and nothing else`() {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(state: seed)
        for _ in 0..<5_000 {
            var words = ContiguousArray((0..<6).map { _ in generator.next() })
            // A likely header, so that the reading gets beyond it.
            words[0] = UInt64(generator.next() % 300) << 48 | words[0] >> 16
            let chunk = Chunk(
                form: .packed,
                firstTime: .min,
                lastTime: .max,
                count: 1,
                words: words
            )
            var result = SeriesSamples(labels: .empty)
            _ = chunk.decode(from: .min, through: .max, into: &result)
            #expect(result.times.count == result.values.count, "seed \(seed)")
        }
    }

    @Test func `numbers up to the largest are exact`() {
        let edge = Double(1 << 53)
        let values = [
            edge - 1, edge, edge * 2, -edge + 1, 0.1, 1e300, Double.leastNonzeroMagnitude,
            123_456_789.123,
        ]
        for one in values {
            _ = cost(samples([one, one + 1, one]))
            _ = cost(samples([one, -one, one]))
        }
        #expect(DecimalNumbers([0.1, 0.25, 3])?.decimals == 2)
        #expect(DecimalNumbers([1 / 3, 2]) == nil)
    }

    @Test func `small chunks of memory are joined, and all samples stay`() {
        var run = PackedRun()
        var all = SeriesSamples(labels: .empty)
        var generator = SeededGenerator(state: 11)
        for part in 0..<Int64(40) {
            var samples = SeriesSamples(labels: .empty)
            for step in 0..<Int64(120) {
                samples.times.append((part * 120 + step) * 15_000)
                let isConstant = part < 20 || part == 30
                samples.values.append(isConstant ? 5 : .random(in: 0..<1, using: &generator))
            }
            all.times += samples.times
            all.values += samples.values
            run = run.adding([Chunk(packing: samples)])
        }
        // Seventeen parts fill a joined chunk, three begin another.
        #expect(run.count == 2 + 20)
        var found = SeriesSamples(labels: .empty)
        run.decode(from: .min, through: .max, into: &found)
        #expect(found.times == all.times)
        #expect(found.values == all.values)
    }
}
