// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

extension Chunk {
    private static let version: UInt8 = 1
    private static let headerBytes = 8

    /// The chunk as a blob: version, a spare byte, count, checksum, and the words, lowest byte first.
    var blob: [UInt8] {
        var writer = ByteWriter(capacity: Self.headerBytes + words.count * 8)
        writer.fixed(Self.version)
        writer.fixed(UInt8(0))
        writer.fixed(UInt16(count))
        writer.fixed(Checksum.crc32c(words, seed: UInt64(count)))
        for word in words { writer.fixed(word) }
        return writer.bytes
    }

    /// Reads a blob; nil where the checksum or anything else is wrong.
    init?(blob: Span<UInt8>, firstTime: Int64, lastTime: Int64) {
        guard blob.count > Self.headerBytes, blob.count % 8 == 0, blob[0] == Self.version else {
            return nil
        }
        let count = Int(blob[2]) | Int(blob[3]) << 8
        var sum: UInt32 = 0
        for place in 0..<4 { sum |= UInt32(blob[4 + place]) << UInt32(8 * place) }
        var words: ContiguousArray<UInt64> = []
        words.reserveCapacity(blob.count / 8 - 1)
        for start in stride(from: Self.headerBytes, to: blob.count, by: 8) {
            var word: UInt64 = 0
            for place in 0..<8 { word |= UInt64(blob[start + place]) << UInt64(8 * place) }
            words.append(word)
        }
        guard Checksum.crc32c(words, seed: UInt64(count)) == sum else { return nil }
        // The first word is the first time; the row's times are outside the checksum.
        guard words[0] == UInt64(bitPattern: firstTime) else { return nil }
        self.init(firstTime: firstTime, lastTime: lastTime, count: count, words: words)
    }
}

extension LabelSet {
    /// The labels as a blob: names and values with their lengths.
    var blob: [UInt8] {
        var writer = ByteWriter()
        for label in labels {
            writer.text(label.name.text)
            writer.text(label.value.text)
        }
        return writer.bytes
    }

    /// Reads a blob; nil where it makes no sense.
    init?(blob: [UInt8]) {
        var reader = ByteReader(blob)
        var labels: ContiguousArray<Label> = []
        while !reader.isAtEnd {
            let name = reader.text()
            labels.append(Label(name: Symbol(name), value: Symbol(reader.text())))
            guard !reader.isBroken else { return nil }
        }
        self.init(sorted: labels)
    }
}

/// A batch of the log as bytes: a checksum, then each sample as differences to the one before.
enum LogCodec {
    static func encode(_ entries: some Collection<PendingLog.Entry>) -> [UInt8] {
        var writer = ByteWriter(capacity: entries.count * 11)
        var (id, time) = (Int64(0), Int64(0))
        for entry in entries {
            writer.zigzag(entry.id - id)
            writer.zigzag(entry.time &- time)
            writer.fixed(entry.value.bitPattern)
            (id, time) = (entry.id, entry.time)
        }
        var sealed = ByteWriter(capacity: writer.bytes.count + 4)
        sealed.fixed(Checksum.crc32c(writer.bytes.span))
        return sealed.bytes + writer.bytes
    }

    /// Hands over each sample in order; false, and none of them, where the checksum is wrong.
    static func decode(_ bytes: [UInt8], _ body: (PendingLog.Entry) -> Void) -> Bool {
        var reader = ByteReader(bytes)
        let sum = reader.fixed(UInt32.self)
        guard !reader.isBroken, Checksum.crc32c(bytes.span.extracting(4...)) == sum else {
            return false
        }
        var (id, time) = (Int64(0), Int64(0))
        while !reader.isAtEnd {
            id &+= reader.zigzag()
            time &+= reader.zigzag()
            let value = Double(bitPattern: reader.fixed(UInt64.self))
            guard !reader.isBroken else { return false }
            body(PendingLog.Entry(id: id, time: time, value: value))
        }
        return true
    }
}
