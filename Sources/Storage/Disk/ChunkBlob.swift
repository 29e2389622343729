// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Chunks as blobs: a byte that says the form, a checksum, and the bits.
///
/// A streamed chunk's blob, which only databases of the first schema have, is: form, a spare byte, the
/// count in two, the checksum in four, and the words, all lowest byte first. A packed chunk's: form,
/// the checksum, and the words' bytes from the highest down without the zeros at the end of the last.
/// The seed makes a blob of one series refused as another's.
extension Chunk {
    private static let packedHeader = 5
    private static let streamedHeader = 8

    /// The blob of a packed chunk.
    func blob(seed: UInt64) -> [UInt8] {
        precondition(form == .packed, "only packed chunks are stored")
        var writer = ByteWriter(capacity: Self.packedHeader + words.count * 8)
        writer.fixed(form.rawValue)
        writer.fixed(Checksum.crc32c(words, seed: seed))
        for word in words { writer.fixed(word.byteSwapped) }
        writer.dropZeros(atMost: 7)
        return writer.bytes
    }

    /// Reads a blob; nil where the checksum or anything else is wrong.
    init?(blob: Span<UInt8>, seed: UInt64) {
        guard blob.count > Self.streamedHeader else { return nil }
        switch Form(rawValue: blob[0]) {
        case .packed: self.init(packed: blob, seed)
        case .streamed: self.init(streamed: blob)
        case nil: return nil
        }
    }

    private init?(packed blob: Span<UInt8>, _ seed: UInt64) {
        var words: ContiguousArray<UInt64> = []
        words.reserveCapacity((blob.count - Self.packedHeader + 7) / 8)
        let whole = (blob.count - Self.packedHeader) / 8
        for place in 0..<whole {
            let start = Self.packedHeader + place * 8
            let word = unsafe blob.bytes.unsafeLoadUnaligned(
                fromByteOffset: start,
                as: UInt64.self
            )
            words.append(word.byteSwapped)
        }
        var last: UInt64 = 0
        for (place, start) in (Self.packedHeader + whole * 8..<blob.count).enumerated() {
            last |= UInt64(blob[start]) << UInt64(56 - 8 * place)
        }
        if Self.packedHeader + whole * 8 < blob.count { words.append(last) }
        guard Checksum.crc32c(words, seed: seed) == Self.checksum(blob, at: 1) else { return nil }
        let reader = PackedReader(words)
        guard !reader.isBroken, reader.count > 0 else { return nil }
        self.init(
            form: .packed,
            firstTime: reader.firstTime,
            lastTime: reader.lastTime,
            count: reader.count,
            words: words
        )
    }

    private init?(streamed blob: Span<UInt8>) {
        guard blob.count % 8 == 0 else { return nil }
        let count = Int(blob[2]) | Int(blob[3]) << 8
        var words: ContiguousArray<UInt64> = []
        words.reserveCapacity(blob.count / 8 - 1)
        for start in stride(from: Self.streamedHeader, to: blob.count, by: 8) {
            var word: UInt64 = 0
            for place in 0..<8 { word |= UInt64(blob[start + place]) << UInt64(8 * place) }
            words.append(word)
        }
        guard Checksum.crc32c(words, seed: UInt64(count)) == Self.checksum(blob, at: 4) else {
            return nil
        }
        self.init(
            form: .streamed,
            firstTime: Int64(bitPattern: words[0]),
            // Only the reading tells.
            lastTime: .max,
            count: count,
            words: words
        )
    }

    private static func checksum(_ blob: Span<UInt8>, at start: Int) -> UInt32 {
        var sum: UInt32 = 0
        for place in 0..<4 { sum |= UInt32(blob[start + place]) << UInt32(8 * place) }
        return sum
    }
}
