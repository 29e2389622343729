// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Reads a streamed chunk sample by sample.
struct ChunkReader {
    private var bits: BitReader
    private var left: Int
    private var isFirst = true
    private(set) var time: Int64 = 0
    private(set) var valueBits: UInt64 = 0
    private var delta: Int64 = 0
    private var differences = DifferenceReader()

    init(words: ContiguousArray<UInt64>, count: Int) {
        bits = BitReader(words)
        left = count
    }

    /// Whether the bits ended early or make no sense.
    var isBroken: Bool { bits.isBroken || differences.isBroken }

    /// Goes to the next sample; false at the end.
    mutating func next() -> Bool {
        guard left > 0 else { return false }
        left -= 1
        if isFirst {
            isFirst = false
            time = Int64(bitPattern: bits.take(64))
            valueBits = bits.take(64)
        } else {
            delta &+= takeChange()
            time &+= delta
            valueBits ^= differences.take(from: &bits)
        }
        return !isBroken
    }

    private mutating func takeChange() -> Int64 {
        if bits.take(1) == 0 { return 0 }
        if bits.take(1) == 0 { return signed(bits.take(14), 14) }
        if bits.take(1) == 0 { return signed(bits.take(17), 17) }
        if bits.take(1) == 0 { return signed(bits.take(20), 20) }
        return Int64(bitPattern: bits.take(64))
    }

    /// The ranges reach one further up than down, as the writer's do.
    private func signed(_ bits: UInt64, _ width: Int) -> Int64 {
        let value = Int64(bits)
        return value > 1 << (width - 1) ? value - (1 << width) : value
    }
}

/// Reads what values differ in from those before, in the codes of Gorilla.
struct DifferenceReader {
    private var leading = 0
    private var trailing = 0
    /// Whether the bits make no sense.
    private(set) var isBroken = false

    /// The next difference; 0 where the value is the same.
    @inline(__always)
    mutating func take(from bits: inout BitReader) -> UInt64 {
        let ahead = bits.peek()
        guard ahead >> 63 != 0 else {
            bits.skip(1)
            return 0
        }
        if ahead >> 62 & 1 != 0 {
            leading = Int(truncatingIfNeeded: ahead >> 57 & 0x1F)
            let significant = Int(truncatingIfNeeded: ahead >> 51 & 0x3F)
            trailing = 64 &- leading &- (significant == 0 ? 64 : significant)
            bits.skip(13)
        } else {
            bits.skip(2)
        }
        guard trailing >= 0, leading + trailing < 64 else {
            isBroken = true
            return 0
        }
        return bits.take(64 - leading - trailing) << UInt64(trailing)
    }
}

/// Writes what values differ in from those before.
///
/// Source: Prometheus, tsdb/chunkenc/xor.go, after the paper on Gorilla.
struct DifferenceWriter: Sendable {
    private var leading = Self.noWindow
    private var trailing: UInt8 = 0

    private static let noWindow: UInt8 = 255

    @inline(__always)
    mutating func put(_ difference: UInt64, into bits: inout BitWriter) {
        guard difference != 0 else { return bits.put(0, 1) }
        let newLeading = min(difference.leadingZeroBitCount, 31)
        let newTrailing = difference.trailingZeroBitCount
        if leading != Self.noWindow, newLeading >= leading, newTrailing >= trailing {
            bits.put(0b10, 2)
            bits.put(difference >> UInt64(trailing), 64 - Int(leading) - Int(trailing))
        } else {
            leading = UInt8(newLeading)
            trailing = UInt8(newTrailing)
            let significant = 64 - newLeading - newTrailing
            // 64 significant bits are written as 0: none at all would have been no difference.
            let header = 0b11 << 11 | UInt64(newLeading) << 6 | UInt64(significant & 63)
            bits.put(header, 13)
            bits.put(difference >> UInt64(newTrailing), significant)
        }
    }
}
