// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// The remainders of a byte, by the polynomial of gzip with its bits reversed.
private let remainders: InlineArray<256, UInt32> = InlineArray { byte in
    (0..<8).reduce(UInt32(byte)) { rest, _ in rest >> 1 ^ (rest & 1 == 1 ? 0xEDB8_8320 : 0) }
}

/// The checksum of gzip, CRC-32, while its bytes come.
///
/// Source: RFC 1952, section 8.
struct CheckSum {
    private var register: UInt32

    init() { register = ~0 }

    /// The sum of a part alone, to be joined to what comes before it.
    init(ofPart text: ArraySlice<UInt8>) {
        register = 0
        for byte in text { add(byte) }
    }

    /// What the file ends with.
    var value: UInt32 { ~register }

    /// What `join` takes.
    var part: UInt32 { register }

    mutating func add(_ byte: UInt8) {
        let place = Int(UInt8(truncatingIfNeeded: register) ^ byte)
        register = unsafe remainders[unchecked: place] ^ register >> 8
    }

    /// Adds a part, of which the sum and the length are known, without its bytes.
    ///
    /// The sum is linear: that of both is the first one's behind so many zeros, and the second's.
    mutating func join(_ part: UInt32, _ advances: borrowing CheckAdvances, _ table: Int) {
        register = advances.advance(register, table) ^ part
    }
}

/// What a number of zeros does to a checksum, for the numbers that were asked for.
struct CheckAdvances {
    /// Texts of more bytes are added byte by byte, which bounds the memory.
    static let longest = 1_024

    private var tables: ContiguousArray<UInt32> = []
    private var places: [Int: Int] = [:]

    /// The table for so many zeros; nil for too many.
    mutating func table(for length: Int) -> Int? {
        guard length <= Self.longest else { return nil }
        if let place = places[length] { return place }
        let place = tables.count
        places[length] = place
        let basis = (0..<32).map { bit in
            (0..<length).reduce(UInt32(1) << UInt32(bit)) { rest, _ in
                rest >> 8 ^ remainders[Int(rest & 255)]
            }
        }
        for byte in 0..<4 {
            for value in 0..<256 {
                tables.append(
                    (0..<8).reduce(0) { $0 ^ (value >> $1 & 1 == 1 ? basis[8 * byte + $1] : 0) }
                )
            }
        }
        return place
    }

    func advance(_ register: UInt32, _ table: Int) -> UInt32 {
        tables[table + Int(register & 255)] ^ tables[table + 256 + Int(register >> 8 & 255)]
            ^ tables[table + 512 + Int(register >> 16 & 255)]
            ^ tables[table + 768 + Int(register >> 24)]
    }
}
