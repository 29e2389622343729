// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Samples
import Testing

@testable import RemoteWrite

@Suite struct SendVerdictTests {
    @Test func `waits double up to the most, and never undercut what the receiver asks`() {
        var queue = RemoteWriteOptions.Queue()
        queue.minBackoff = .milliseconds(30)
        queue.maxBackoff = .milliseconds(100)
        var backoff = Backoff(queue)
        #expect(backoff.wait(atLeast: nil) == .milliseconds(30))
        #expect(backoff.wait(atLeast: .seconds(7)) == .seconds(7))
        #expect(backoff.wait(atLeast: .milliseconds(1)) == .milliseconds(100))
        #expect(backoff.wait(atLeast: nil) == .milliseconds(100))
        #expect(backoff.wait(atLeast: .seconds(1 << 40)) == .seconds(600))
    }

    @Test(
        arguments: [
            ("120", nil, 120),
            ("-1", nil, nil),
            ("soon", nil, nil),
            ("Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:27:30 GMT", 30),
            ("Tue, 01 Mar 2016 00:00:00 GMT", "Mon, 29 Feb 2016 23:59:59 GMT", 1),
            ("Fri, 01 Jan 2016 00:00:01 GMT", "Thu, 31 Dec 2015 23:59:59 GMT", 2),
            ("Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:29:00 GMT", 0),
            ("Wed, 21 Oct 2015 07:28:00 GMT", nil, 8),
            ("Wed, 21 Oct 2015 07:28:00 GMT", "yesterday", 8),
            ("Wed, 99 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:29:00 GMT", nil),
        ] as [(String, String?, Int?)]
    )
    func `Retry-After is seconds or a date`(_ text: String, _ date: String?, _ seconds: Int?) {
        let now = Timestamp(milliseconds: 1_445_412_472_000)
        #expect(RetryAfter.duration(text, date: date, now: now) == seconds.map { .seconds($0) })
    }
}
