// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Appends JSON to bytes; commas are set by itself.
///
/// Objects and arrays are closures, so that they always end. A key is followed by one value.
/// Source: RFC 8259; the escapes are those of Go's encoder with `SetEscapeHTML(false)`.
public struct JSONWriter: Sendable {
    /// What has been written.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false
    private var moments = PointTimes()

    /// Makes a writer with room for `capacity` bytes.
    public init(capacity: Int = 1_024) { bytes.reserveCapacity(capacity) }

    /// Writes an object; `body` writes its keys and values.
    ///
    /// - Throws: what `body` throws.
    public mutating func object<Failure: Error>(
        _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        open(UInt8(ascii: "{"))
        try body(&self)
        close(UInt8(ascii: "}"))
    }

    /// Writes an array; `body` writes its values.
    ///
    /// - Throws: what `body` throws.
    public mutating func array<Failure: Error>(
        _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        open(UInt8(ascii: "["))
        try body(&self)
        close(UInt8(ascii: "]"))
    }

    /// Writes an array of one value for each element.
    public mutating func array<Element>(
        _ elements: some Sequence<Element>,
        _ body: (inout JSONWriter, Element) -> Void
    ) {
        array { json in
            for element in elements { body(&json, element) }
        }
    }

    /// Writes a key; the next call writes its value.
    public mutating func key(_ name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a key with a text.
    public mutating func field(_ name: String, _ value: String) {
        key(name)
        string(value)
    }

    /// Writes a key with a whole number.
    public mutating func field(_ name: String, _ value: Int) {
        key(name)
        integer(Int64(value))
    }

    /// Writes a key with a number.
    public mutating func field(_ name: String, _ value: Double) {
        key(name)
        number(value)
    }

    /// Writes a key with a truth value.
    public mutating func field(_ name: String, _ value: Bool) {
        key(name)
        boolean(value)
    }

    /// Writes a text, escaped.
    public mutating func string(_ value: String) {
        comma()
        bytes.append(UInt8(ascii: "\""))
        let start = bytes.count
        bytes += value.utf8
        // Nearly no text has anything to escape, so all of it is copied at once and looked through.
        if needsEscape(from: start) {
            bytes.removeLast(bytes.count - start)
            for byte in value.utf8 { escape(byte) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private func needsEscape(from start: Int) -> Bool {
        let written = bytes.span
        for place in start..<written.count {
            let byte = written[place]
            if byte < 32 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return true }
        }
        return false
    }

    /// Writes a whole number.
    public mutating func integer(_ value: Int64) {
        comma()
        bytes.appendDecimal(value)
    }

    /// Writes a number; JSON has no infinities and no NaN, which become `null`.
    public mutating func number(_ value: Double) {
        guard value.isFinite else { return null() }
        comma()
        bytes.appendShortest(value)
    }

    /// Writes `true` or `false`.
    public mutating func boolean(_ value: Bool) {
        comma()
        bytes += (value ? "true" : "false").utf8
    }

    /// Writes `null`.
    public mutating func null() {
        comma()
        bytes += "null".utf8
    }

    /// Writes `[[seconds, "number"], ...]`, with milliseconds as three decimals where there are any.
    ///
    /// Both arrays have the same length. Answers have a million of them, so they are written into
    /// room for some hundreds at once, and the times, which the next series has as well, are kept as
    /// texts: 35 ns each.
    public mutating func points(_ milliseconds: Span<Int64>, _ numbers: Span<Double>) {
        open(UInt8(ascii: "["))
        moments.write(milliseconds)
        let most = 256
        var part = [UInt8](repeating: 0, count: most * MutableSpan.longestPoint)
        var first = 0
        while first < numbers.count {
            let end = min(first + most, numbers.count)
            var place = 0
            var room = part.mutableSpan
            for index in first..<end {
                if index > 0 { room.put(UInt8(ascii: ","), at: &place) }
                moments.put(index, into: &room, at: &place)
                room.put(shortest: numbers[index], at: &place)
                room.put(UInt8(ascii: "\""), at: &place)
                room.put(UInt8(ascii: "]"), at: &place)
            }
            bytes += part[..<place]
            first = end
        }
        close(UInt8(ascii: "]"))
    }

    /// Makes room for points to come: growing to tens of megabytes by doubling costs as much again.
    public mutating func makeRoom(forPoints count: Int) {
        bytes.reserveCapacity(bytes.count + count * 36)
    }

    /// Writes `[seconds, "number"]`, with milliseconds as three decimals where there are any.
    public mutating func point(_ milliseconds: Int64, _ number: Double) {
        comma()
        bytes.withRoom(MutableSpan.longestPoint) { room, place in
            room.put(point: number, milliseconds: milliseconds, at: &place)
        }
    }

    /// Writes milliseconds as seconds, with three decimals where there are any.
    public mutating func seconds(_ milliseconds: Int64) {
        comma()
        bytes.withRoom(MutableSpan.longestNumber) { room, place in
            room.put(seconds: milliseconds, at: &place)
        }
    }

    /// Writes text that is a JSON value already.
    public mutating func raw(_ value: some Sequence<UInt8>) {
        comma()
        bytes += value
    }

    private mutating func open(_ byte: UInt8) {
        comma()
        bytes.append(byte)
        needsComma = false
    }

    private mutating func close(_ byte: UInt8) {
        bytes.append(byte)
        needsComma = true
    }

    private mutating func comma() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [92, byte]
        case 10: bytes += [92, UInt8(ascii: "n")]
        case 13: bytes += [92, UInt8(ascii: "r")]
        case 9: bytes += [92, UInt8(ascii: "t")]
        case 0..<32:
            let digits = Array("0123456789abcdef".utf8)
            bytes += "\\u00".utf8
            bytes += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        default: bytes.append(byte)
        }
    }
}

extension MutableSpan<UInt8> {
    /// Bytes that a point takes at most.
    fileprivate static var longestPoint: Int { 2 * longestNumber + 6 }

    fileprivate mutating func put(
        point number: Double,
        milliseconds: Int64,
        at place: inout Int
    ) {
        put(UInt8(ascii: "["), at: &place)
        put(seconds: milliseconds, at: &place)
        put(UInt8(ascii: ","), at: &place)
        put(UInt8(ascii: "\""), at: &place)
        put(shortest: number, at: &place)
        put(UInt8(ascii: "\""), at: &place)
        put(UInt8(ascii: "]"), at: &place)
    }
}

/// The beginnings of points, `[1700000000.5,"`, of the times of one series after the other.
private struct PointTimes: Sendable {
    /// A text of 24 bytes at most, as words whose lowest byte comes first.
    private struct Text {
        var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
        var count = 0
    }

    private var milliseconds: ContiguousArray<Int64> = []
    private var texts: ContiguousArray<Text> = []

    /// Writes the texts of times, unless they are those of the times before.
    mutating func write(_ milliseconds: Span<Int64>) {
        guard !isSame(milliseconds) else { return }
        self.milliseconds.removeAll(keepingCapacity: true)
        texts.removeAll(keepingCapacity: true)
        var bytes = [UInt8](repeating: 0, count: MutableSpan.longestPoint)
        for index in milliseconds.indices {
            self.milliseconds.append(milliseconds[index])
            var place = 0
            var room = bytes.mutableSpan
            room.put(UInt8(ascii: "["), at: &place)
            room.put(seconds: milliseconds[index], at: &place)
            room.put(UInt8(ascii: ","), at: &place)
            room.put(UInt8(ascii: "\""), at: &place)
            let words = (room.eight(at: 0), room.eight(at: 8), room.eight(at: 16))
            texts.append(Text(words: words, count: place))
        }
    }

    private func isSame(_ others: Span<Int64>) -> Bool {
        guard others.count == milliseconds.count else { return false }
        for index in others.indices where others[index] != milliseconds[index] { return false }
        return true
    }

    /// Puts a text; what it spills is written over by what follows.
    @inline(__always)
    func put(_ index: Int, into room: inout MutableSpan<UInt8>, at place: inout Int) {
        let text = texts[index]
        room.putEight(text.words.0, at: place)
        room.putEight(text.words.1, at: place + 8)
        if text.count > 16 { room.putEight(text.words.2, at: place + 16) }
        place += text.count
    }
}
