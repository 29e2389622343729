// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// CRC-32C, eight bytes a step.
///
/// Source: RFC 3720, appendix B.4 (Castagnoli's polynomial, reflected).
enum Checksum {
    private static let tables: [[UInt32]] = {
        var tables = [[UInt32]](repeating: [UInt32](repeating: 0, count: 256), count: 8)
        for byte in 0..<256 {
            var sum = UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0x82F6_3B78 : sum >> 1 }
            tables[0][byte] = sum
        }
        for byte in 0..<256 {
            for step in 1..<8 {
                let before = tables[step - 1][byte]
                tables[step][byte] = before >> 8 ^ tables[0][Int(before & 0xFF)]
            }
        }
        return tables
    }()

    static func crc32c(_ words: ContiguousArray<UInt64>, seed: UInt64) -> UInt32 {
        let tables = tables
        var sum: UInt32 = step(~0, seed, tables)
        for word in words { sum = step(sum, word, tables) }
        return ~sum
    }

    static func crc32c(_ bytes: Span<UInt8>) -> UInt32 {
        let table = tables[0]
        var sum: UInt32 = ~0
        for index in bytes.indices {
            sum = sum >> 8 ^ table[Int((sum ^ UInt32(bytes[index])) & 0xFF)]
        }
        return ~sum
    }

    private static func step(_ sum: UInt32, _ word: UInt64, _ tables: [[UInt32]]) -> UInt32 {
        let mixed = word ^ UInt64(sum)
        var result: UInt32 = 0
        for place in 0..<8 {
            result ^= tables[7 - place][Int(mixed >> UInt64(8 * place) & 0xFF)]
        }
        return result
    }
}
