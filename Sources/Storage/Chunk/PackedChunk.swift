// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// How the values of a packed chunk are written; the number is on disk.
enum ValueCoding: UInt64 {
    /// One value for all.
    case constant = 0
    /// Whole numbers, or numbers of a few decimals.
    case decimal = 1
    /// What the bits differ in from those before.
    case differences = 2
    /// The bits as they are.
    case raw = 3
}

/// How the times of a packed chunk are written; the number is on disk.
enum TimeCoding: UInt64 {
    /// One distance for all.
    case regular = 0
    /// The distances in blocks.
    case distances = 1
}

extension Chunk {
    /// Samples that a packed chunk holds at most.
    static let maxPacked = 2_048
    /// Samples of a chunk that the disk has not at most: it goes as a whole where none takes it.
    static let maxUnsaved = 480

    /// Packs samples, of which there is at least one, in increasing time order.
    init(packing samples: SeriesSamples) {
        var bits = BitWriter()
        let times = samples.times
        bits.put(UInt64(times.count), 16)
        bits.putNumber(times[0])
        bits.putNumber(times[times.count - 1] &- times[0])
        Self.pack(times, into: &bits)
        Self.pack(samples.values, into: &bits)
        self.init(
            form: .packed,
            firstTime: times[0],
            lastTime: times[times.count - 1],
            count: times.count,
            words: bits.finished
        )
    }

    /// Takes the words of a packed chunk.
    init(packed words: ContiguousArray<UInt64>) {
        let reader = PackedReader(words)
        self.init(
            form: .packed,
            firstTime: reader.firstTime,
            lastTime: reader.lastTime,
            count: reader.count,
            words: words
        )
    }

    /// The samples of both, the later coming next, where these are few words.
    func joined(with later: Chunk, words limit: Int) -> Chunk? {
        guard words.count + later.words.count <= limit, count + later.count <= Self.maxPacked
        else { return nil }
        var samples = SeriesSamples(labels: .empty)
        guard decode(from: .min, through: .max, into: &samples),
            later.decode(from: .min, through: .max, into: &samples)
        else { return nil }
        return Chunk(packing: samples)
    }

    /// The same samples, packed; nil where the bits make no sense.
    func packed() -> Chunk? {
        guard form == .streamed else { return self }
        var samples = SeriesSamples(labels: .empty)
        guard decode(from: .min, through: .max, into: &samples), samples.count > 0 else {
            return nil
        }
        return Chunk(packing: samples)
    }

    private static func pack(_ times: ContiguousArray<Int64>, into bits: inout BitWriter) {
        var distances: ContiguousArray<Int64> = []
        distances.reserveCapacity(times.count)
        var isRegular = true
        for place in times.indices.dropFirst() {
            let distance = times[place] &- times[place - 1]
            if let first = distances.first, distance != first { isRegular = false }
            distances.append(distance)
        }
        if isRegular {
            bits.put(TimeCoding.regular.rawValue, 1)
            bits.putNumber(distances.first ?? 0)
        } else {
            bits.put(TimeCoding.distances.rawValue, 1)
            NumberBlocks.write(distances, into: &bits)
        }
    }

    private static func pack(_ values: ContiguousArray<Double>, into bits: inout BitWriter) {
        let first = values[0].bitPattern
        if values.allSatisfy({ $0.bitPattern == first }) {
            bits.put(ValueCoding.constant.rawValue, 2)
            bits.put(first, 64)
        } else if let numbers = DecimalNumbers(values) {
            bits.put(ValueCoding.decimal.rawValue, 2)
            pack(numbers, into: &bits)
        } else {
            let start = bits
            packDifferences(values, into: &bits)
            guard bits.bitCount - start.bitCount > values.count * 64 + 2 else { return }
            bits = start
            bits.put(ValueCoding.raw.rawValue, 2)
            for value in values { bits.put(value.bitPattern, 64) }
        }
    }

    private static func pack(_ decimal: DecimalNumbers, into bits: inout BitWriter) {
        bits.put(UInt64(decimal.decimals), 3)
        bits.put(UInt64(decimal.apart.count), 9)
        for (place, valueBits) in decimal.apart {
            bits.put(UInt64(place), 16)
            bits.put(valueBits, 64)
        }
        let numbers = decimal.numbers
        bits.putNumber(numbers[0])
        var steps: ContiguousArray<Int64> = []
        steps.reserveCapacity(numbers.count)
        for place in numbers.indices.dropFirst() {
            steps.append(numbers[place] &- numbers[place - 1])
        }
        NumberBlocks.write(steps, into: &bits)
    }

    private static func packDifferences(
        _ values: ContiguousArray<Double>,
        into bits: inout BitWriter
    ) {
        bits.put(ValueCoding.differences.rawValue, 2)
        var writer = DifferenceWriter()
        var last = values[0].bitPattern
        bits.put(last, 64)
        for value in values.dropFirst() {
            writer.put(value.bitPattern ^ last, into: &bits)
            last = value.bitPattern
        }
    }
}
