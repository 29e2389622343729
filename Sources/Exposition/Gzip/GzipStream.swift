// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Writes a gzip file of texts whose repetitions are known to the caller.
///
/// To search for repetitions takes several times as long as all else that a page of metrics needs.
/// Source: RFC 1951, RFC 1952.
@safe struct GzipStream: ~Copyable {
    /// How far back a repetition may be.
    static let window = 32_768

    /// Where lengths and distances begin behind the bytes and the end of the block.
    private static let firstLength = 257
    private static let firstDistance = firstLength + 259
    private static let symbolCount = firstDistance + 30

    /// The codes of bytes, lengths and distances, and how often each was written: in one allocation
    /// of their own, because an array's checks cost as much as all the rest.
    private let codes: UnsafeMutablePointer<BitCode>
    private let uses: UnsafeMutablePointer<UInt32>
    private var bytes: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private var count = 0
    /// Bits that are not in `bytes` yet, fewer than eight between calls.
    private var bits: UInt64 = 0
    private var bitCount = 0
    /// How many bytes of text were written.
    private(set) var position = 0
    private var check = CheckSum()
    /// Where the last of the known texts began.
    private var lastStart = 0

    init(_ codes: DeflateCodes, capacity: Int) {
        unsafe self.codes = .allocate(capacity: Self.symbolCount)
        unsafe uses = .allocate(capacity: Self.symbolCount)
        unsafe uses.initialize(repeating: 0, count: Self.symbolCount)
        for (place, code) in (codes.literals + codes.lengths + codes.distances).enumerated() {
            unsafe (self.codes + place).initialize(to: code)
        }
        self.capacity = max(capacity, 1_024)
        unsafe bytes = .allocate(capacity: self.capacity)
        // No name, no time; made fast, on a system that is not told.
        for byte: UInt64 in [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 4, 255] { put(byte, 8) }
        // The only block, with codes of its own for 286 and 30 symbols. The codes' lengths are told
        // by codes of four bits for 0 to 15, which are the numbers themselves; repetitions have none.
        put(0b101, 3)
        put(29, 5)
        put(29, 5)
        put(15, 4)
        for place in 0..<19 { put(place < 3 ? 0 : 4, 3) }
        for length in codes.toldLengths {
            let four = UInt64(length)
            put(four >> 3 & 1 | four >> 1 & 2 | four << 1 & 4 | four << 3 & 8, 4)
        }
    }

    deinit {
        unsafe bytes.deallocate()
        unsafe codes.deallocate()
        unsafe uses.deallocate()
    }

    /// How often each symbol was written.
    var counts: DeflateCounts {
        var counts = DeflateCounts()
        for place in counts.literals.indices { unsafe counts.literals[place] = uses[place] }
        for place in counts.lengths.indices {
            unsafe counts.lengths[place] = uses[Self.firstLength + place]
        }
        for place in counts.distances.indices {
            unsafe counts.distances[place] = uses[Self.firstDistance + place]
        }
        return counts
    }

    /// Ends the file and returns all of it.
    mutating func finish() -> [UInt8] {
        reserve(64)
        put(symbol: 256)
        if bitCount > 0 { put(0, 8 - bitCount) }
        put(UInt64(check.value), 32)
        put(UInt64(UInt32(truncatingIfNeeded: position)), 32)
        return unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count))
    }

    /// Writes a text; one that stands at `earlier` too is a repetition.
    mutating func write(_ text: Span<UInt8>, earlier: Int? = nil) {
        reserve(2 * text.count)
        if let earlier, position - earlier <= Self.window, (4...258).contains(text.count) {
            put(length: text.count, distance: position - earlier)
        } else {
            for index in text.indices { put(literal: unsafe text[unchecked: index]) }
        }
        for index in text.indices { check.add(unsafe text[unchecked: index]) }
        position += text.count
    }

    /// Writes a text by what it repeats of itself and of the one that this wrote before.
    mutating func write(
        _ text: Span<UInt8>,
        _ pieces: Span<KnownTexts.Piece>,
        _ sum: KnownTexts.Sum,
        _ advances: borrowing CheckAdvances
    ) {
        reserve(2 * text.count)
        let gap = position - lastStart
        lastStart = position
        var place = 0
        for index in pieces.indices {
            let piece = pieces[index]
            for _ in 0..<piece.literals {
                put(literal: text[place])
                place += 1
            }
            guard piece.length > 0 else { continue }
            put(length: Int(piece.length), distance: Int(piece.shift) + (piece.isOwn ? 0 : gap))
            place += Int(piece.length)
        }
        position += text.count
        if let table = sum.table {
            check.join(sum.value, advances, table)
        } else {
            for index in text.indices { check.add(text[index]) }
        }
    }

    /// Makes room for so many bytes.
    private mutating func reserve(_ more: Int) {
        let needed = count + more + 64
        guard needed > capacity else { return }
        capacity = max(needed, 2 * capacity)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        unsafe larger.update(from: bytes, count: count)
        unsafe bytes.deallocate()
        unsafe bytes = larger
    }

    @inline(__always)
    private mutating func put(literal byte: UInt8) { put(symbol: Int(byte)) }

    @inline(__always)
    private mutating func put(length: Int, distance: Int) {
        precondition(3...258 ~= length && 1...Self.window ~= distance, "no repetition of deflate")
        put(symbol: Self.firstLength + length)
        let rest = distance - 1
        let extraCount = max(0, Int.bitWidth - rest.leadingZeroBitCount - 2)
        put(symbol: Self.firstDistance + 2 * extraCount + rest >> extraCount)
        put(UInt64(rest & (1 << extraCount - 1)), extraCount)
    }

    @inline(__always)
    private mutating func put(symbol: Int) {
        unsafe uses[symbol] &+= 1
        let code = unsafe codes[symbol]
        put(code.bits, code.count)
    }

    @inline(__always)
    private mutating func put(_ new: UInt64, _ newCount: Int) {
        bits |= new &<< UInt64(bitCount)
        bitCount &+= newCount
        let room = unsafe UnsafeMutableRawPointer(bytes + count)
        unsafe room.storeBytes(of: bits.littleEndian, as: UInt64.self)
        count &+= bitCount &>> 3
        bits &>>= UInt64(bitCount & ~7)
        bitCount &= 7
    }
}
