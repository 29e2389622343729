// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPFetch
internal import Samples

/// What an answer means for a request.
enum SendVerdict: Hashable {
    /// The receiver has it.
    case taken
    /// It is to be tried again, not before so long where the receiver said so.
    case retry(after: Duration?)
    /// It is never to be tried again.
    case refused

    /// `now` is the moment of the answer, for a date in one that does not say when it was made.
    ///
    /// Source: Prometheus, "Remote-Write 1.0 specification", retries & backoff.
    init(_ response: HTTPFetchResponse, now: Timestamp) {
        self =
            switch response.status {
            case 200...299: .taken
            case 429, 500...599:
                .retry(
                    after: response.header("retry-after").flatMap {
                        RetryAfter.duration($0, date: response.header("date"), now: now)
                    }
                )
            default: .refused
            }
    }
}

/// How long to wait before the next attempt, doubling.
struct Backoff {
    private let options: RemoteWriteOptions.Queue
    private var next: Duration

    /// Waited at most on a receiver's word.
    private static let longest = Duration.seconds(600)

    init(_ options: RemoteWriteOptions.Queue) {
        self.options = options
        next = options.minBackoff
    }

    /// The next wait; what the receiver asks for is never undercut.
    mutating func wait(atLeast asked: Duration?) -> Duration {
        defer { next = min(next * 2, options.maxBackoff) }
        return max(next, min(asked ?? .zero, Self.longest))
    }
}

/// The header `Retry-After`.
enum RetryAfter {
    /// Reads seconds, or a date that counts from the answer's own, as clocks differ, or else from ours.
    ///
    /// Source: RFC 9110, section 10.2.3.
    static func duration(_ text: String, date: String?, now: Timestamp) -> Duration? {
        if let seconds = Int64(text) { return seconds >= 0 ? .seconds(seconds) : nil }
        guard let until = seconds(ofDate: text) else { return nil }
        let start = date.flatMap(seconds(ofDate:)) ?? now.milliseconds / 1_000
        return .seconds(max(0, until - start))
    }

    /// Days from the first of March of the year 0 to the Unix epoch, and one more, as days begin with 1.
    private static let epochDay: Int64 = 719_469

    /// Seconds of `Wed, 21 Oct 2015 07:28:00 GMT` since the Unix epoch.
    private static func seconds(ofDate text: String) -> Int64? {
        let names = [
            "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb",
        ]
        let words = text.split(separator: " ")
        guard words.count == 6, let day = Int64(words[1]), (1...31).contains(day),
            let month = names.firstIndex(of: String(words[2])), let named = Int64(words[3]),
            (1_970...9_999).contains(named)
        else { return nil }
        let clock = words[4].split(separator: ":").compactMap { Int64($0) }
        guard clock.count == 3, clock.allSatisfy({ (0...60).contains($0) }) else { return nil }
        // A year that begins in March has its odd day last.
        let year = month < 10 ? named : named - 1
        let days =
            year * 365 + year / 4 - year / 100 + year / 400 + Int64(month * 153 + 2) / 5 + day
        return (days - epochDay) * 86_400 + clock[0] * 3_600 + clock[1] * 60 + clock[2]
    }
}
