// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Samples
import Testing

@Suite struct TimestampTests {
    @Test func `seconds round to the nearest millisecond and never trap`() {
        #expect(Timestamp(seconds: 1.2345).milliseconds == 1_235)
        #expect(Timestamp(seconds: .nan).milliseconds == 0)
        #expect(Timestamp(seconds: .infinity).milliseconds == .max)
        #expect(Timestamp(seconds: -.infinity).milliseconds == .min)
    }

    @Test func `durations add and subtract`() {
        let time = Timestamp(milliseconds: 5_000)
        #expect(time + .seconds(2) == Timestamp(milliseconds: 7_000))
        #expect(time - .milliseconds(1) == Timestamp(milliseconds: 4_999))
        #expect(time - Timestamp(milliseconds: 2_000) == .seconds(3))
    }

    @Test func `only the staleness marker's own bits are stale`() {
        #expect(Double.stalenessMarker.isStalenessMarker)
        #expect(Double.stalenessMarker.isNaN)
        #expect(!Double.nan.isStalenessMarker)
    }
}
