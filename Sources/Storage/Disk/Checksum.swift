// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// CRC-32C, eight bytes a step.
///
/// Source: RFC 3720, appendix B.4 (Castagnoli's polynomial, reflected).
enum Checksum {
    /// Eight tables of 256, one behind the other: what a byte does that so many more follow.
    private static let table: ContiguousArray<UInt32> = {
        var table = ContiguousArray<UInt32>(repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var sum = UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0x82F6_3B78 : sum >> 1 }
            table[byte] = sum
        }
        for place in 256..<table.count {
            let before = table[place - 256]
            table[place] = before >> 8 ^ table[Int(before & 0xFF)]
        }
        return table
    }()

    static func crc32c(_ words: ContiguousArray<UInt64>, seed: UInt64) -> UInt32 {
        unsafe table.withUnsafeBufferPointer { table in
            var sum = unsafe step(~0, seed, table)
            for word in words { sum = unsafe step(sum, word, table) }
            return ~sum
        }
    }

    static func crc32c(_ bytes: Span<UInt8>) -> UInt32 {
        let table = table
        var sum: UInt32 = ~0
        for index in bytes.indices {
            sum = sum >> 8 ^ table[Int((sum ^ UInt32(bytes[index])) & 0xFF)]
        }
        return ~sum
    }

    /// The places are bytes, so that none is outside the tables.
    @inline(__always)
    private static func step(
        _ sum: UInt32,
        _ word: UInt64,
        _ table: UnsafeBufferPointer<UInt32>
    ) -> UInt32 {
        let mixed = word ^ UInt64(sum)
        var result: UInt32 = 0
        for place in 0..<8 {
            let byte = Int(truncatingIfNeeded: mixed >> UInt64(8 &* place) & 0xFF)
            unsafe result ^= table[(7 &- place) &* 256 &+ byte]
        }
        return result
    }
}
