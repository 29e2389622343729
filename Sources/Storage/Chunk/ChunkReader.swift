// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Reads a chunk sample by sample; never beyond its bits, whatever they say.
struct ChunkReader {
    private let words: ContiguousArray<UInt64>
    private var position = 0
    private var left: Int
    private var isFirst = true
    private(set) var time: Int64 = 0
    private(set) var valueBits: UInt64 = 0
    /// Whether the bits ended early.
    private(set) var isBroken = false
    private var delta: Int64 = 0
    private var leading = 0
    private var trailing = 0

    init(words: ContiguousArray<UInt64>, count: Int) {
        self.words = words
        left = count
    }

    /// Goes to the next sample; false at the end.
    mutating func next() -> Bool {
        guard left > 0 else { return false }
        left -= 1
        if isFirst {
            isFirst = false
            time = Int64(bitPattern: take(64))
            valueBits = take(64)
        } else {
            delta &+= takeChange()
            time &+= delta
            takeValue()
        }
        return !isBroken
    }

    private mutating func takeChange() -> Int64 {
        if take(1) == 0 { return 0 }
        if take(1) == 0 { return signed(take(14), 14) }
        if take(1) == 0 { return signed(take(17), 17) }
        if take(1) == 0 { return signed(take(20), 20) }
        return Int64(bitPattern: take(64))
    }

    private mutating func takeValue() {
        guard take(1) != 0 else { return }
        if take(1) != 0 {
            leading = Int(take(5))
            let significant = Int(take(6))
            trailing = 64 - leading - (significant == 0 ? 64 : significant)
        }
        guard trailing >= 0, leading + trailing < 64 else {
            isBroken = true
            return
        }
        valueBits ^= take(64 - leading - trailing) << UInt64(trailing)
    }

    /// The ranges reach one further up than down, as the writer's do.
    private func signed(_ bits: UInt64, _ width: Int) -> Int64 {
        let value = Int64(bits)
        return value > 1 << (width - 1) ? value - (1 << width) : value
    }

    private mutating func take(_ width: Int) -> UInt64 {
        guard position + width <= words.count * 64 else {
            isBroken = true
            return 0
        }
        let word = position >> 6
        let offset = position & 63
        position += width
        var bits = words[word] << UInt64(offset)
        if offset + width > 64 { bits |= words[word + 1] >> UInt64(64 - offset) }
        return bits >> UInt64(64 - width)
    }
}
