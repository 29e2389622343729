// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Writes samples for the log, each as what differs from the one before.
///
/// Nearly all samples of a poll follow each other by their series' numbers and share a time, and
/// most values are whole numbers, whose bits end in zeros: such a sample takes two to five bytes. An
/// entry begins with a byte: how many bytes of the value follow, and whether the series and the time
/// are the expected ones.
struct LogWriter: Sendable {
    private(set) var bytes: [UInt8] = []
    /// How many samples there are.
    private(set) var count = 0
    private var id: Int64 = 0
    private var time: Int64 = 0

    init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    mutating func append(_ id: Int64, _ time: Int64, _ value: Double) {
        let bits = value.bitPattern
        let length = bits == 0 ? 0 : 8 - bits.trailingZeroBitCount / 8
        let isNext = id == self.id &+ 1 && time == self.time
        bytes.append(UInt8(length) << 4 | (isNext ? 0 : 1))
        if !isNext {
            zigzag(id &- self.id)
            zigzag(time &- self.time)
        }
        for place in 0..<length {
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(56 - 8 * place)))
        }
        self.id = id
        self.time = time
        count += 1
    }

    /// Puts what another wrote before what is here.
    mutating func prepend(_ earlier: LogWriter) {
        bytes = earlier.bytes + [LogReader.anew] + bytes
        count += earlier.count
    }

    /// What is written, after its checksum.
    var sealed: [UInt8] {
        var writer = ByteWriter(capacity: bytes.count + 4)
        writer.fixed(Checksum.crc32c(bytes.span))
        writer.append(bytes)
        return writer.bytes
    }

    private mutating func zigzag(_ value: Int64) {
        var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
}

/// Reads batches of the log.
enum LogReader {
    /// What stands before entries that were written from the start.
    static let anew: UInt8 = 0xF0

    /// The form of a batch's bytes that is written now.
    static let form: Int64 = 2

    /// Hands over each sample in order; false, and none of them, where the checksum is wrong.
    static func read(_ bytes: [UInt8], form: Int64, _ body: (LogBatch.Entry) -> Void) -> Bool {
        var reader = ByteReader(bytes)
        let sum = reader.fixed(UInt32.self)
        guard !reader.isBroken, Checksum.crc32c(bytes.span.extracting(4...)) == sum else {
            return false
        }
        return form == self.form ? read(&reader, body) : readFirstForm(&reader, body)
    }

    /// Hands over each sample that a writer has.
    static func read(_ writer: LogWriter, _ body: (LogBatch.Entry) -> Void) {
        var reader = ByteReader(writer.bytes)
        _ = read(&reader, body)
    }

    private static func read(
        _ reader: inout ByteReader,
        _ body: (LogBatch.Entry) -> Void
    ) -> Bool {
        var (id, time) = (Int64(0), Int64(0))
        while !reader.isAtEnd {
            let mark = reader.fixed(UInt8.self)
            guard mark != anew else {
                (id, time) = (0, 0)
                continue
            }
            if mark & 1 == 0 {
                id &+= 1
            } else {
                id &+= reader.zigzag()
                time &+= reader.zigzag()
            }
            let bits = reader.highBytes(Int(mark >> 4))
            guard !reader.isBroken else { return false }
            body(LogBatch.Entry(id: id, time: time, value: Double(bitPattern: bits)))
        }
        return true
    }

    /// Reads a batch that was written before the form had a number.
    private static func readFirstForm(
        _ reader: inout ByteReader,
        _ body: (LogBatch.Entry) -> Void
    ) -> Bool {
        var (id, time) = (Int64(0), Int64(0))
        while !reader.isAtEnd {
            id &+= reader.zigzag()
            time &+= reader.zigzag()
            let value = Double(bitPattern: reader.fixed(UInt64.self))
            guard !reader.isBroken else { return false }
            body(LogBatch.Entry(id: id, time: time, value: value))
        }
        return true
    }
}
