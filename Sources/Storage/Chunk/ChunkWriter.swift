// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A chunk that is being filled: times as delta of deltas, values as XOR with the one before.
///
/// The codes are those of Prometheus' tsdb/chunkenc/xor.go, but the bits lie in 64-bit words and the
/// second sample's delta is written like any other.
struct ChunkWriter: Sendable {
    private(set) var firstTime: Int64 = 0
    /// The time of the last sample, here or in the chunk before.
    private(set) var lastTime: Int64
    private var delta: Int64 = 0
    /// The value of the last sample, here or in the chunk before, as its bits.
    private(set) var lastValueBits: UInt64 = 0
    // The order keeps the small fields together.
    private var bits = BitWriter()
    private var differences = DifferenceWriter()
    private var number: UInt16 = 0
    /// Whether `lastValueBits` is known; it is not where only the disk has the sample.
    private(set) var knowsLast = false

    /// An empty chunk of a series whose last sample was at `lastTime`.
    init(after lastTime: Int64 = .min) { self.lastTime = lastTime }

    /// An empty chunk that follows another.
    init(after other: ChunkWriter) {
        lastTime = other.lastTime
        lastValueBits = other.lastValueBits
        knowsLast = other.knowsLast
    }

    /// Notes the value of the last sample of the chunk before.
    mutating func learnLast(_ valueBits: UInt64) {
        guard number == 0, !knowsLast else { return }
        lastValueBits = valueBits
        knowsLast = true
    }

    /// How many samples there are.
    var count: Int { Int(number) }

    /// Bytes that the bits take.
    var byteCount: Int { (bits.bitCount + 7) / 8 }

    /// Adds a sample; the caller keeps times increasing and the count low.
    mutating func append(_ time: Int64, _ value: Double) {
        let valueBits = value.bitPattern
        if number == 0 {
            bits.put(UInt64(bitPattern: time), 64)
            bits.put(valueBits, 64)
            firstTime = time
        } else {
            putTime(time)
            differences.put(valueBits ^ lastValueBits, into: &bits)
        }
        lastTime = time
        lastValueBits = valueBits
        knowsLast = true
        number += 1
    }

    /// The samples so far as a chunk.
    func chunk() -> Chunk {
        Chunk(
            form: .streamed,
            firstTime: firstTime,
            lastTime: lastTime,
            count: count,
            words: bits.finished
        )
    }

    @inline(__always)
    private mutating func putTime(_ time: Int64) {
        let newDelta = time &- lastTime
        let change = newDelta &- delta
        delta = newDelta
        let changed = UInt64(bitPattern: change)
        switch change {
        case 0: bits.put(0, 1)
        case -8_191...8_192: bits.put(0b10 << 14 | changed & 0x3FFF, 16)
        case -65_535...65_536: bits.put(0b110 << 17 | changed & 0x1_FFFF, 20)
        case -524_287...524_288: bits.put(0b1110 << 20 | changed & 0xF_FFFF, 24)
        default:
            bits.put(0b1111, 4)
            bits.put(changed, 64)
        }
    }
}
