// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Reads a packed chunk.
struct PackedReader {
    private var bits: BitReader
    let count: Int
    let firstTime: Int64
    let lastTime: Int64

    init(_ words: ContiguousArray<UInt64>) { self.init(words, in: words.indices) }

    /// Reads the chunk that some of the words are.
    init(_ words: ContiguousArray<UInt64>, in range: Range<Int>) {
        bits = BitReader(words, in: range)
        count = Int(bits.take(16))
        firstTime = bits.takeNumber()
        lastTime = firstTime &+ bits.takeNumber()
    }

    /// Whether the bits ended early or make no sense.
    var isBroken: Bool { bits.isBroken }

    /// Appends the samples from `start` through `end`; false where the bits make no sense.
    mutating func decode(
        from start: Int64,
        through end: Int64,
        into samples: inout SeriesSamples
    ) -> Bool {
        let before = samples.times.count
        let wanted = decodeTimes(from: start, through: end, into: &samples.times)
        guard !wanted.isEmpty else { return !isBroken }
        samples.values.makeRoom(for: wanted.count)
        decodeValues(wanted, into: &samples.values)
        guard !isBroken, samples.values.count == samples.times.count else {
            samples.times.removeSubrange(before...)
            samples.values.removeSubrange(before...)
            return false
        }
        return true
    }

    /// Appends the times of the range; returns which samples these are.
    private mutating func decodeTimes(
        from start: Int64,
        through end: Int64,
        into times: inout ContiguousArray<Int64>
    ) -> Range<Int> {
        guard bits.take(1) == TimeCoding.regular.rawValue else {
            return decodeDistances(from: start, through: end, into: &times)
        }
        let distance = bits.takeNumber()
        guard !isBroken, count > 0, count == 1 || distance != 0 else {
            bits.fail()
            return 0..<0
        }
        let first = start <= firstTime ? 0 : Self.steps(firstTime, start &- 1, distance) + 1
        let last = end >= lastTime ? count - 1 : Self.steps(firstTime, end, distance)
        guard first <= last, last < count else { return 0..<0 }
        times.makeRoom(for: last - first + 1)
        var time = firstTime &+ Int64(first) &* distance
        for _ in first...last {
            times.append(time)
            time &+= distance
        }
        return first..<(last + 1)
    }

    /// How many whole distances lie between two times.
    private static func steps(_ from: Int64, _ to: Int64, _ distance: Int64) -> Int {
        distance == 0
            ? 0 : Int(UInt64(bitPattern: to &- from) / UInt64(bitPattern: distance))
    }

    private mutating func decodeDistances(
        from start: Int64,
        through end: Int64,
        into times: inout ContiguousArray<Int64>
    ) -> Range<Int> {
        times.makeRoom(for: count)
        var time = firstTime
        var place = 0
        var first = 0
        var beyond = 0
        if time < start { first = 1 } else if time <= end { times.append(time) }
        NumberBlocks.read(count - 1, of: count - 1, from: &bits) { distance in
            time &+= distance
            place += 1
            if time < start {
                first = place + 1
            } else if time <= end {
                times.append(time)
                beyond = place + 1
            }
        }
        if firstTime >= start, firstTime <= end { beyond = max(beyond, 1) }
        return first < beyond ? first..<beyond : 0..<0
    }

    private mutating func decodeValues(
        _ wanted: Range<Int>,
        into values: inout ContiguousArray<Double>
    ) {
        switch ValueCoding(rawValue: bits.take(2)) {
        case .constant:
            values.append(
                contentsOf: repeatElement(Double(bitPattern: bits.take(64)), count: wanted.count)
            )
        case .decimal: decodeDecimals(wanted, into: &values)
        case .differences:
            var reader = DifferenceReader()
            var valueBits = bits.take(64)
            if wanted.lowerBound == 0 { values.append(Double(bitPattern: valueBits)) }
            for place in 1..<max(wanted.upperBound, 1) {
                valueBits ^= reader.take(from: &bits)
                if place >= wanted.lowerBound { values.append(Double(bitPattern: valueBits)) }
            }
            if reader.isBroken { bits.fail() }
        case .raw:
            for place in 0..<wanted.upperBound {
                let valueBits = bits.take(64)
                if place >= wanted.lowerBound { values.append(Double(bitPattern: valueBits)) }
            }
        case nil: bits.fail()
        }
    }

    private mutating func decodeDecimals(
        _ wanted: Range<Int>,
        into values: inout ContiguousArray<Double>
    ) {
        let power = DecimalNumbers.powers[Int(bits.take(3))]
        let before = values.count
        var apart: [(place: Int, bits: UInt64)] = []
        for _ in 0..<bits.take(9) { apart.append((Int(bits.take(16)), bits.take(64))) }
        var number = bits.takeNumber()
        if wanted.lowerBound == 0 { values.append(Double(number) / power) }
        var place = 1
        if power == 1 {
            NumberBlocks.read(wanted.upperBound - 1, of: count - 1, from: &bits) { step in
                number &+= step
                if place >= wanted.lowerBound { values.append(Double(number)) }
                place += 1
            }
        } else {
            NumberBlocks.read(wanted.upperBound - 1, of: count - 1, from: &bits) { step in
                number &+= step
                if place >= wanted.lowerBound { values.append(Double(number) / power) }
                place += 1
            }
        }
        for one in apart where wanted.contains(one.place) {
            let index = before + one.place - wanted.lowerBound
            guard index < values.count else { return bits.fail() }
            values[index] = Double(bitPattern: one.bits)
        }
    }
}
