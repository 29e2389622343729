// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Samples
import Testing

@testable import Storage

/// Random numbers that a seed repeats (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

@Suite struct ChunkTests {
    private typealias Pair = (time: Int64, bits: UInt64)

    private func chunk(_ pairs: [Pair]) -> Chunk {
        var writer = ChunkWriter()
        for pair in pairs { writer.append(pair.time, Double(bitPattern: pair.bits)) }
        return writer.chunk()
    }

    private func decoded(_ chunk: Chunk, _ from: Int64 = .min, _ through: Int64 = .max) -> [Pair]? {
        var samples = SeriesSamples(labels: .empty)
        guard chunk.decode(from: from, through: through, into: &samples) else { return nil }
        return zip(samples.times, samples.values).map { ($0, $1.bitPattern) }
    }

    /// The words of a chunk that was stored.
    private func stored(_ blob: [UInt8], seed: UInt64 = 7) -> ContiguousArray<UInt64>? {
        Chunk(blob: blob.span, seed: seed)?.words
    }

    /// A run of samples in one of the manners of real series.
    private func pairs(_ generator: inout SeededGenerator) -> [Pair] {
        let count = Int.random(in: 1...Chunk.capacity, using: &generator)
        let manner = Int.random(in: 0..<5, using: &generator)
        let jitter = [0, 3, 9_000, 600_000, 1 << 40].randomElement(using: &generator) ?? 0
        var time = Int64.random(in: -1 << 42...1 << 42, using: &generator)
        var value = Double.random(in: 0...1e6, using: &generator).rounded()
        return (0..<count).map { _ in
            time += 15_000 + Int64.random(in: 0...Int64(jitter), using: &generator)
            switch manner {
            case 0: break
            case 1: value += Double(Int.random(in: 0...100, using: &generator))
            case 2: value = Double.random(in: -1...1, using: &generator)
            case 3: value = Double(bitPattern: .random(in: 0 ... .max, using: &generator))
            default:
                value =
                    [0, -0.0, .nan, .infinity, -.infinity, .stalenessMarker, 1]
                    .randomElement(using: &generator) ?? 0
            }
            return (time, value.bitPattern)
        }
    }

    @Test func `random chunks come back bit for bit, also through their blobs`() {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(state: seed)
        for round in 0..<500 {
            let written = pairs(&generator)
            let chunk = chunk(written)
            let read = decoded(chunk)
            #expect(read?.map(\.time) == written.map(\.time), "seed \(seed), round \(round)")
            #expect(read?.map(\.bits) == written.map(\.bits), "seed \(seed), round \(round)")
            let packed = chunk.packed()
            let unpacked = packed.flatMap { decoded($0) }
            #expect(unpacked?.map(\.time) == written.map(\.time), "seed \(seed), round \(round)")
            #expect(unpacked?.map(\.bits) == written.map(\.bits), "seed \(seed), round \(round)")
            let words = packed.flatMap { stored($0.blob(seed: 7)) }
            #expect(words == packed?.words, "seed \(seed), round \(round)")
        }
    }

    @Test func `the extreme times and changes come back`() {
        let times: [Int64] = [.min, .min + 1, -8_191, 0, 1, 8_193, 73_729, 598_017, 1 << 40, .max]
        let written = times.map { Pair($0, 1) }
        #expect(decoded(chunk(written))?.map(\.time) == times)
    }

    @Test func `a range of a chunk takes both ends`() {
        let chunk = chunk((0..<100).map { (Int64($0) * 10, UInt64($0)) })
        #expect(
            decoded(chunk, 200, 400)?.map(\.time) == Array(stride(from: 200, through: 400, by: 10))
        )
        #expect(decoded(chunk, 201, 209)?.isEmpty == true)
        #expect(decoded(chunk, 991, 2_000)?.isEmpty == true)
    }

    @Test func `each flipped bit of a blob is found`() throws {
        let written = (0..<10).map { Pair(Int64($0) * 15_000, Double($0 * $0).bitPattern) }
        let blob = try #require(chunk(written).packed()).blob(seed: 7)
        #expect(stored(blob) != nil)
        for place in blob.indices {
            for bit in 0..<8 {
                var other = blob
                other[place] ^= 1 << bit
                #expect(stored(other) == nil, "byte \(place), bit \(bit)")
            }
        }
    }

    @Test func `a blob that is cut, or belongs to another series, is refused`() throws {
        let written = (0..<10).map { Pair(Int64($0) * 15_000, Double($0 * $0).bitPattern) }
        let blob = try #require(chunk(written).packed()).blob(seed: 7)
        for count in 0..<blob.count { #expect(stored(Array(blob[..<count])) == nil) }
        #expect(stored(blob, seed: 8) == nil)
    }

    @Test func `bits that make no sense end the reading and nothing else`() {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(state: seed)
        for round in 0..<500 {
            let words = ContiguousArray((0..<5).map { _ in generator.next() })
            var reader = ChunkReader(words: words, count: 1_000)
            while reader.next() {}
            #expect(reader.isBroken, "seed \(seed), round \(round)")
        }
    }

    @Test func `the checksum is CRC-32C`() {
        let digits = Array("123456789".utf8)
        let known = Checksum.crc32c(digits.span)
        #expect(known == 0xE306_9283)
        let bytes = (0..<24).map { UInt8($0 * 7) }
        let words = ContiguousArray(
            stride(from: 0, to: 24, by: 8).map { start in
                (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
            }
        )
        let whole = Checksum.crc32c(bytes.span)
        #expect(Checksum.crc32c(ContiguousArray(words.dropFirst()), seed: words[0]) == whole)
    }
}

@Suite struct LogCodecTests {
    private let entries: [LogBatch.Entry] = [
        LogBatch.Entry(id: 5, time: 1_000, value: 1.5),
        LogBatch.Entry(id: 2, time: -7, value: .stalenessMarker),
        LogBatch.Entry(id: .max, time: .max, value: .nan),
        LogBatch.Entry(id: 1, time: .min, value: -0.0),
    ]

    private var written: LogWriter {
        entries.reduce(into: LogWriter()) { $0.append($1.id, $1.time, $1.value) }
    }

    @Test func `a batch comes back bit for bit`() {
        var read: [LogBatch.Entry] = []
        #expect(LogReader.read(written.sealed, form: 2) { read.append($0) })
        #expect(read.map(\.id) == entries.map(\.id))
        #expect(read.map(\.time) == entries.map(\.time))
        #expect(read.map(\.value.bitPattern) == entries.map(\.value.bitPattern))
    }

    @Test func `a batch with a flipped bit, or cut, gives nothing`() {
        let bytes = written.sealed
        for place in bytes.indices {
            var other = bytes
            other[place] ^= 1
            #expect(!LogReader.read(other, form: 2) { _ in Issue.record("byte \(place)") })
            #expect(
                !LogReader.read(Array(bytes[..<place]), form: 2) { _ in Issue.record("cut \(place)")
                }
            )
        }
    }

    @Test func `what a disk refused comes before what was written since`() {
        var later = LogWriter()
        later.append(6, 1_000, 2)
        later.prepend(written)
        var read: [Int64] = []
        #expect(LogReader.read(later.sealed, form: 2) { read.append($0.id) })
        #expect(read == entries.map(\.id) + [6])
        #expect(later.count == entries.count + 1)
    }

    @Test func `samples of a poll take a byte and what their values need`() {
        var writer = LogWriter()
        for id in 1...100 { writer.append(Int64(id), 15_000, 0) }
        #expect(writer.bytes.count < 100 + 10)
    }
}
