// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Glibc
internal import Locking
internal import Synchronization

/// How grave a record is.
public enum Level: UInt8, Sendable, Comparable, CaseIterable {
    case debug
    case info
    case warning
    case error

    /// Orders by gravity.
    public static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }

    var name: String {
        switch self {
        case .debug: "debug"
        case .info: "info"
        case .warning: "warn"
        case .error: "error"
        }
    }
}

/// One field of a record; a literal or an interpolation costs nothing when the level is off.
public struct Field: Sendable {
    let key: String
    let value: String

    /// Names a value.
    public init(_ key: String, _ value: some CustomStringConvertible) {
        self.key = key
        self.value = value.description
    }
}

extension Field {
    /// The field with a value of at most so many scalars; what is left out is marked.
    fileprivate func cut(to limit: Int) -> Field {
        guard value.unicodeScalars.count > limit else { return self }
        var short = String.UnicodeScalarView()
        short.append(contentsOf: value.unicodeScalars.prefix(limit - 1))
        return Field(key, String(short) + "…")
    }
}

/// Writes one line per record with one `write`, from the caller's thread.
///
/// A pipe that is full would block, so the descriptor is polled with no wait first: a line that does
/// not fit is dropped and counted; the next line that fits reports the count. There is no buffer, so
/// nothing is lost at exit.
public final class Log: Sendable {
    /// How a line is written.
    public enum Format: Sendable {
        case logfmt
        case json
    }

    private struct Repetition {
        var windowStart: UInt64 = 0
        var count = 0
    }

    private let descriptor: Int32
    private let format: Format
    private let threshold: Atomic<UInt8>
    private let dropped = Atomic<Int>(0)
    private let repetitions = Lock<[String: Repetition]>([:])
    /// Records of one message per second before the rest is only counted.
    private let burst: Int

    /// Makes a log on a descriptor, standard error by default.
    ///
    /// `burst` is how many records of one message a second are written; the rest is counted.
    public init(
        descriptor: Int32 = 2,
        format: Format = .logfmt,
        level: Level = .info,
        burst: Int = 10
    ) {
        self.descriptor = descriptor
        self.format = format
        self.burst = burst
        threshold = Atomic(level.rawValue)
    }

    /// The lowest level that is written.
    public var level: Level {
        get { Level(rawValue: threshold.load(ordering: .relaxed)) ?? .info }
        set { threshold.store(newValue.rawValue, ordering: .relaxed) }
    }

    /// Records `message`; `fields` is built only where the level is on.
    @inline(__always)
    public func callAsFunction(
        _ level: Level,
        _ message: StaticString,
        _ fields: @autoclosure () -> [Field] = []
    ) {
        guard isOn(level) else { return }
        record(level, message, fields)
    }

    /// Whether records of `level` are written.
    public func isOn(_ level: Level) -> Bool {
        level.rawValue >= threshold.load(ordering: .relaxed)
    }

    private func record(_ level: Level, _ message: StaticString, _ fields: () -> [Field]) {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        let text = message.description
        guard let suppressed = admit(text, at: UInt64(now.tv_sec)) else { return }
        var fields = fields()
        if suppressed > 0 { fields.append(Field("suppressed", suppressed)) }
        let lost = dropped.exchange(0, ordering: .relaxed)
        if lost > 0 { fields.append(Field("dropped", lost)) }
        let all =
            [Field("ts", timestamp(now)), Field("level", level.name), Field("msg", text)] + fields
        var line = encoded(all)
        if line.count >= Self.longestLine { line = encoded(all.map { $0.cut(to: 160) }) }
        if line.count >= Self.longestLine {
            line = encoded(Array(all.prefix(3)).map { $0.cut(to: 160) })
        }
        line.append(10)
        if !send(line) { dropped.add(lost + 1, ordering: .relaxed) }
    }

    /// More is not written at once to a pipe (PIPE_BUF), and could block.
    private static let longestLine = 4_096

    private func encoded(_ fields: [Field]) -> [UInt8] {
        format == .json ? json(fields) : logfmt(fields)
    }

    /// Nil where the message is over its burst; else how many of the window before were left out.
    private func admit(_ message: String, at second: UInt64) -> Int? {
        repetitions.withLock { table in
            var entry = table[message] ?? Repetition(windowStart: second)
            var left = 0
            if entry.windowStart != second {
                left = max(0, entry.count - burst)
                entry = Repetition(windowStart: second)
            }
            entry.count += 1
            table[message] = entry
            return entry.count > burst ? nil : left
        }
    }

    /// One `write`; lines up to PIPE_BUF (4096 bytes) are not torn by other writers of a pipe.
    private func send(_ line: [UInt8]) -> Bool {
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard unsafe poll(&ready, 1, 0) == 1, ready.revents & Int16(POLLOUT) != 0 else {
            return false
        }
        return unsafe line.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
            > 0
    }
}

private func timestamp(_ now: timespec) -> String {
    var seconds = now.tv_sec
    var parts = unsafe tm()
    unsafe gmtime_r(&seconds, &parts)
    let (year, month, day) = unsafe (parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday)
    let (hour, minute, second) = unsafe (parts.tm_hour, parts.tm_min, parts.tm_sec)
    func two(_ n: Int32) -> String { n < 10 ? "0\(n)" : "\(n)" }
    let ms = Int(now.tv_nsec / 1_000_000)
    let fraction = String(1_000 + ms).dropFirst()
    return
        "\(year)-\(two(month))-\(two(day))T\(two(hour)):\(two(minute)):\(two(second)).\(fraction)Z"
}

private func logfmt(_ fields: [Field]) -> [UInt8] {
    var line: [UInt8] = []
    line.reserveCapacity(160)
    for field in fields {
        if !line.isEmpty { line.append(32) }
        line += field.key.utf8
        line.append(61)
        let bare =
            !field.value.isEmpty
            && field.value.utf8.allSatisfy {
                $0 > 32 && $0 != 34 && $0 != 61 && $0 != 92 && $0 != 127
            }
        if bare { line += field.value.utf8 } else { quote(field.value, into: &line) }
    }
    return line
}

private func json(_ fields: [Field]) -> [UInt8] {
    var line: [UInt8] = [123]
    line.reserveCapacity(160)
    for field in fields {
        if line.count > 1 { line.append(44) }
        quote(field.key, into: &line)
        line.append(58)
        quote(field.value, into: &line)
    }
    line.append(125)
    return line
}

private func quote(_ text: String, into line: inout [UInt8]) {
    line.append(34)
    for byte in text.utf8 {
        switch byte {
        case 34, 92: line += [92, byte]
        case 10: line += [92, 110]
        case 0..<32, 127:
            let hex = Array("0123456789abcdef".utf8)
            line += [92, 117, 48, 48, hex[Int(byte >> 4)], hex[Int(byte & 15)]]
        default: line.append(byte)
        }
    }
    line.append(34)
}
