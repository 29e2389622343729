// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A chunk that is being filled: times as delta of deltas, values as XOR with the one before.
///
/// The codes are those of Prometheus' tsdb/chunkenc/xor.go, but the bits lie in 64-bit words and the
/// second sample's delta is written like any other.
struct ChunkWriter: Sendable {
    private(set) var words: ContiguousArray<UInt64> = []
    private(set) var count = 0
    private(set) var firstTime: Int64 = 0
    private(set) var lastTime: Int64 = 0
    /// Bits not yet in `words`, from the highest down.
    private var pending: UInt64 = 0
    private var free = 64
    private var delta: Int64 = 0
    private var lastBits: UInt64 = 0
    private var leading = Self.noWindow
    private var trailing = 0

    private static let noWindow = 255

    /// The value of the last sample, as its bits.
    var lastValueBits: UInt64 { lastBits }

    /// Bytes that the bits take.
    var byteCount: Int { words.count * 8 + (64 - free + 7) / 8 }

    /// Adds a sample; the caller keeps times increasing and the count low.
    mutating func append(_ time: Int64, _ value: Double) {
        let bits = value.bitPattern
        if count == 0 {
            words.reserveCapacity(32)
            put(UInt64(bitPattern: time), 64)
            put(bits, 64)
            firstTime = time
        } else {
            putTime(time)
            putValue(bits)
        }
        lastTime = time
        lastBits = bits
        count += 1
    }

    /// The samples so far as a chunk.
    func chunk() -> Chunk {
        var words = words
        if free < 64 { words.append(pending) }
        return Chunk(firstTime: firstTime, lastTime: lastTime, count: count, words: words)
    }

    private mutating func putTime(_ time: Int64) {
        let newDelta = time &- lastTime
        let change = newDelta &- delta
        delta = newDelta
        let bits = UInt64(bitPattern: change)
        switch change {
        case 0: put(0, 1)
        case -8_191...8_192: put(0b10 << 14 | bits & 0x3FFF, 16)
        case -65_535...65_536: put(0b110 << 17 | bits & 0x1_FFFF, 20)
        case -524_287...524_288: put(0b1110 << 20 | bits & 0xF_FFFF, 24)
        default:
            put(0b1111, 4)
            put(bits, 64)
        }
    }

    private mutating func putValue(_ bits: UInt64) {
        let difference = bits ^ lastBits
        guard difference != 0 else { return put(0, 1) }
        let newLeading = min(difference.leadingZeroBitCount, 31)
        let newTrailing = difference.trailingZeroBitCount
        if leading != Self.noWindow, newLeading >= leading, newTrailing >= trailing {
            put(0b10, 2)
            put(difference >> UInt64(trailing), 64 - leading - trailing)
        } else {
            leading = newLeading
            trailing = newTrailing
            let significant = 64 - leading - trailing
            // 64 significant bits are written as 0: none at all would have been no difference.
            let header = 0b11 << 11 | UInt64(leading) << 6 | UInt64(significant & 63)
            put(header, 13)
            put(difference >> UInt64(trailing), significant)
        }
    }

    /// Writes the lowest `width` bits of `bits`, whose others are zero.
    private mutating func put(_ bits: UInt64, _ width: Int) {
        if width <= free {
            free -= width
            pending |= bits << UInt64(free)
            guard free == 0 else { return }
            words.append(pending)
            pending = 0
            free = 64
        } else {
            let rest = width - free
            words.append(pending | bits >> UInt64(rest))
            free = 64 - rest
            pending = bits << UInt64(free)
        }
    }
}
