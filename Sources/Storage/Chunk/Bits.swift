// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Writes bits into 64-bit words, from the highest down.
struct BitWriter: Sendable {
    private(set) var words: ContiguousArray<UInt64> = []
    /// Bits not yet in `words`, from the highest down.
    private var pending: UInt64 = 0
    private var room: UInt8 = 64

    /// How many bits there are.
    var bitCount: Int { words.count * 64 + 64 - Int(room) }

    /// All words, the last filled up with zeros.
    var finished: ContiguousArray<UInt64> {
        guard room < 64 else { return words }
        var all: ContiguousArray<UInt64> = []
        all.reserveCapacity(words.count + 1)
        all += words
        all.append(pending)
        return all
    }

    /// Writes the lowest `width` bits of `bits`, whose others are zero.
    @inline(__always)
    mutating func put(_ bits: UInt64, _ width: Int) {
        let free = Int(room)
        if width < free {
            room = UInt8(truncatingIfNeeded: free &- width)
            pending |= bits << UInt64(free &- width)
        } else {
            let rest = width &- free
            // By an eighth and not by doubling: there is one of these for each series.
            if words.count == words.capacity { words.reserveCapacity(words.count * 9 / 8 + 2) }
            words.append(pending | bits >> UInt64(rest))
            room = UInt8(truncatingIfNeeded: 64 &- rest)
            pending = rest == 0 ? 0 : bits << UInt64(64 &- rest)
        }
    }

    /// Writes a number of either sign in as many bits as it needs, and 7 that say how many.
    mutating func putNumber(_ value: Int64) {
        let bits = UInt64(bitPattern: value << 1 ^ value >> 63)
        let width = 64 - bits.leadingZeroBitCount
        put(UInt64(width), 7)
        if width > 0 { put(bits, width) }
    }
}

/// Reads what a `BitWriter` wrote; never beyond the bits, whatever they say.
struct BitReader {
    private let words: ContiguousArray<UInt64>
    private var position: Int
    private let end: Int
    /// Whether the bits ended early or make no sense.
    private(set) var isBroken = false

    /// Reads some of the words.
    init(_ words: ContiguousArray<UInt64>, in range: Range<Int>) {
        self.words = words
        position = range.lowerBound * 64
        end = min(range.upperBound, words.count) * 64
    }

    /// Reads all words.
    init(_ words: ContiguousArray<UInt64>) { self.init(words, in: words.indices) }

    /// The next `width` bits, of which there are 1 to 64.
    @inline(__always)
    mutating func take(_ width: Int) -> UInt64 {
        guard position &+ width <= end else {
            isBroken = true
            return 0
        }
        let bits = peek()
        position &+= width
        return bits >> UInt64(truncatingIfNeeded: 64 &- width)
    }

    /// The next 64 bits; what is beyond the end, or of no use to `take`, counts as zeros.
    @inline(__always)
    func peek() -> UInt64 {
        guard position < end else { return 0 }
        let word = position >> 6
        let offset = UInt64(truncatingIfNeeded: position & 63)
        // The bounds are those of `end`: checked above, and once more they would cost a third.
        return unsafe words.withUnsafeBufferPointer { words in
            let high = unsafe words[word] << offset
            guard offset > 0, position | 63 < end &- 64 else { return high }
            return unsafe high | words[word &+ 1] >> (64 &- offset)
        }
    }

    /// Goes over bits that `peek` gave; the reader is broken where there are fewer.
    @inline(__always)
    mutating func skip(_ width: Int) {
        position &+= width
        if position > end {
            position = end
            isBroken = true
        }
    }

    /// Notes that the bits make no sense.
    mutating func fail() { isBroken = true }

    /// A number that `putNumber` wrote.
    mutating func takeNumber() -> Int64 {
        let width = Int(take(7))
        guard width > 0, width <= 64 else {
            if width > 64 { isBroken = true }
            return 0
        }
        let bits = take(width)
        return Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1)
    }
}
