// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Whole numbers in blocks of 64: each number as its distance from the block's base, all in the
/// same few bits; those too far off are listed apart.
///
/// Counters that grow by about the same, and times that are nearly regular, take few bits that way,
/// and a reset or a gap does not widen its neighbours.
enum NumberBlocks {
    static let size = 64

    /// How one block is written.
    fileprivate struct Plan {
        var base: Int64
        var width: Int
        var farCount: Int
        var cost: Int
    }

    static func write(_ numbers: ContiguousArray<Int64>, into bits: inout BitWriter) {
        for start in stride(from: 0, to: numbers.count, by: size) {
            write(numbers[start..<min(start + size, numbers.count)], into: &bits)
        }
    }

    private static func write(
        _ block: ContiguousArray<Int64>.SubSequence,
        into bits: inout BitWriter
    ) {
        let plan = plan(block)
        bits.putNumber(plan.base)
        bits.put(UInt64(plan.width), 7)
        bits.put(UInt64(plan.farCount), 6)
        for (place, number) in block.enumerated() where plan.isFar(number) {
            bits.put(UInt64(place), 6)
            bits.putNumber(number)
        }
        guard plan.width > 0 else { return }
        for number in block {
            bits.put(plan.isFar(number) ? 0 : plan.distance(number), plan.width)
        }
    }

    /// The cheapest of two bases: the least number, and the least but one, which leaves the first out.
    private static func plan(_ block: ContiguousArray<Int64>.SubSequence) -> Plan {
        var least = Int64.max
        var next = Int64.max
        for number in block {
            if number < least {
                next = least
                least = number
            } else if number > least, number < next {
                next = number
            }
        }
        let first = Plan(base: least, for: block)
        guard next != .max, first.cost > 0 else { return first }
        let second = Plan(base: next, for: block)
        return second.cost < first.cost ? second : first
    }

    /// Reads the first `wanted` of `count` numbers and hands over each in order.
    @inline(__always)
    static func read(
        _ wanted: Int,
        of count: Int,
        from bits: inout BitReader,
        _ body: (Int64) -> Void
    ) {
        var done = 0
        while done < wanted, !bits.isBroken {
            let base = bits.takeNumber()
            let width = Int(bits.take(7))
            let far = readFar(from: &bits)
            guard width <= 64 else { return bits.fail() }
            let end = min(size, wanted - done)
            if !far.isEmpty {
                readMixed(end, base, width, far, from: &bits, body)
            } else if width == 0 {
                for _ in 0..<end { body(base) }
            } else {
                for _ in 0..<end { body(base &+ Int64(bitPattern: bits.take(width))) }
            }
            done += size
        }
    }

    /// The numbers that a block lists apart, by their place.
    @inline(__always)
    private static func readFar(from bits: inout BitReader) -> [(place: Int, number: Int64)] {
        let count = bits.take(6)
        guard count > 0 else { return [] }
        return (0..<count).map { _ in (Int(bits.take(6)), bits.takeNumber()) }
    }

    @inline(__always)
    private static func readMixed(
        _ count: Int,
        _ base: Int64,
        _ width: Int,
        _ far: [(place: Int, number: Int64)],
        from bits: inout BitReader,
        _ body: (Int64) -> Void
    ) {
        var nextFar = 0
        for place in 0..<count {
            let distance = width == 0 ? 0 : Int64(bitPattern: bits.take(width))
            if nextFar < far.count, far[nextFar].place == place {
                body(far[nextFar].number)
                nextFar += 1
            } else {
                body(base &+ distance)
            }
        }
    }
}

extension NumberBlocks.Plan {
    /// The width that costs least with this base.
    fileprivate init(base: Int64, for block: ContiguousArray<Int64>.SubSequence) {
        var below = 0
        var lengths = InlineArray<65, Int>(repeating: 0)
        for number in block {
            if number < base {
                below += 1
            } else {
                lengths[64 - UInt64(bitPattern: number &- base).leadingZeroBitCount] += 1
            }
        }
        self.init(base: base, width: 64, farCount: below, cost: .max)
        var far = block.count
        for width in 0...64 {
            far -= lengths[width]
            let cost = width * block.count + far * Self.farCost
            if far < NumberBlocks.size, cost < self.cost {
                self = Self(base: base, width: width, farCount: far, cost: cost)
            }
            if far == below { break }
        }
    }

    /// Bits of a number that is listed apart, about.
    private static var farCost: Int { 40 }

    func distance(_ number: Int64) -> UInt64 { UInt64(bitPattern: number &- base) }

    func isFar(_ number: Int64) -> Bool {
        number < base || (width < 64 && distance(number) >> UInt64(width) != 0)
    }
}
