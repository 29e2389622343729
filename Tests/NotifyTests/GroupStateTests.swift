// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Alerts
import Samples
import Testing

@testable import Notify

/// A moment in seconds.
func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1_000) }

/// An alert of the tests.
func alert(
    _ name: String,
    from start: Int64 = 0,
    to end: Int64? = nil,
    updated: Int64? = nil,
    labels: [String: String] = [:],
    annotations: [String: String] = [:]
) -> Alert {
    let set = LabelSet(labels.map { ($0.key, $0.value) } + [("alertname", name)])
    return Alert(
        labels: set,
        annotations: annotations,
        startsAt: at(start),
        endsAt: end.map(at),
        updatedAt: at(updated ?? end ?? start),
        value: 1
    )
}

@Suite struct GroupStateTests {
    let timing = GroupState.Timing(groupWait: .seconds(30), groupInterval: .seconds(300))

    @Test func `a group waits, tells, waits for the interval, and ends`() {
        var state = GroupState()
        #expect(
            state.event(.alerts([alert("A")]), at: at(0), timing: timing) == .wait(until: at(30))
        )
        #expect(
            state.event(.alerts([alert("B", from: 5)]), at: at(5), timing: timing)
                == .wait(until: at(30))
        )
        #expect(state.event(.tick, at: at(29), timing: timing) == .wait(until: at(30)))
        #expect(
            state.event(.tick, at: at(30), timing: timing)
                == .flush([alert("A"), alert("B", from: 5)])
        )
        #expect(state.event(.flushed, at: at(30), timing: timing) == .wait(until: at(330)))
        let ends = [alert("A", to: 40), alert("B", from: 5, to: 41)]
        _ = state.event(.alerts(ends), at: at(41), timing: timing)
        #expect(state.event(.tick, at: at(330), timing: timing) == .flush(ends))
        #expect(state.event(.flushed, at: at(330), timing: timing) == .end)
    }

    @Test func `an alert whose value is not a number ends like any other`() {
        var state = GroupState()
        var ended = alert("A", to: 10)
        ended.value = .nan
        _ = state.event(.alerts([ended]), at: at(10), timing: timing)
        _ = state.event(.tick, at: at(40), timing: timing)
        #expect(state.event(.flushed, at: at(40), timing: timing) == .end)
    }

    @Test func `an alert that nobody renews ends by itself`() {
        var state = GroupState()
        var unrenewed = alert("A")
        unrenewed.expiresAt = at(20)
        _ = state.event(.alerts([unrenewed]), at: at(0), timing: timing)
        var ended = unrenewed
        ended.endsAt = at(20)
        #expect(state.event(.tick, at: at(30), timing: timing) == .flush([ended]))
    }

    @Test func `news of one episode merge, and a later episode replaces the earlier`() {
        let known = alert("A", from: 10, annotations: ["x": "old"])
        let news = alert("A", from: 20, updated: 25, annotations: ["x": "new"])
        #expect(merged(known, news).startsAt == at(10))
        #expect(merged(known, news).annotations == ["x": "new"])
        let again = merged(alert("A", from: 0, to: 5), alert("A", from: 50))
        #expect((again.startsAt, again.endsAt) == (at(50), nil))
    }
}

@Suite struct NotificationDecisionTests {
    func decide(
        _ alerts: [Alert],
        muted: [Alert] = [],
        known: LogEntry?,
        sendResolved: Bool = true,
        now: Int64 = 100
    ) -> NotificationDecision? {
        NotificationDecision.decide(
            alerts,
            muted: Set(muted.map(\.fingerprint)),
            known: known,
            sendResolved: sendResolved,
            repeatInterval: .seconds(3_600),
            now: at(now)
        )
    }

    func told(_ alerts: [Alert]) -> LogEntry {
        LogEntry(firing: Set(alerts.map(\.fingerprint)), toldAtMs: 0)
    }

    @Test func `the table of reasons holds`() {
        let (a, b) = (alert("A"), alert("B"))
        let (endedA, endedB) = (alert("A", to: 50), alert("B", to: 50))
        #expect(decide([a], known: nil)?.reason == .first)
        #expect(decide([endedA], known: nil) == nil)
        #expect(decide([a, b], known: told([a]))?.reason == .added)
        #expect(decide([a], known: told([a])) == nil)
        #expect(decide([a, endedB], known: told([a, b]))?.reason == .someResolved)
        #expect(decide([endedA, endedB], known: told([a, b]))?.reason == .allResolved)
        #expect(decide([a], known: told([a]), now: 3_600)?.reason == .repeated)
    }

    @Test func `ends are noted but not sent where nobody wants them`() throws {
        let a = alert("A")
        let decision = try #require(
            decide([alert("A", to: 50)], known: told([a]), sendResolved: false)
        )
        #expect(!decision.isSent)
        #expect(decision.entry.firing.isEmpty)
        let partly = try #require(
            decide(
                [alert("A", to: 50), alert("B")],
                known: told([a, alert("B")]),
                sendResolved: false
            )
        )
        #expect(!partly.isSent)
        #expect(partly.entry.firing == [alert("B").fingerprint])
    }

    @Test func `a muted alert is not told, and its end is told to who knew it`() {
        let a = alert("A")
        let ended = alert("A", to: 50)
        #expect(decide([a], muted: [a], known: nil) == nil)
        #expect(decide([a], muted: [a], known: told([a])) == nil)
        #expect(decide([ended], muted: [ended], known: told([a]))?.alerts == [ended])
        #expect(decide([ended], muted: [ended], known: nil) == nil)
    }

    @Test func `an alert that was told and is muted stays known when others are told`() throws {
        let (a, b) = (alert("A"), alert("B"))
        let decision = try #require(decide([a, b], muted: [a], known: told([a])))
        #expect(decision.alerts == [b])
        #expect(decision.entry.firing == [a.fingerprint, b.fingerprint])
    }
}

@Suite struct RetryStateTests {
    let options = RetryOptions.standard

    @Test func `waits double up to the longest and spread by a fifth`() {
        var state = RetryState(createdAt: at(0))
        var now = at(0)
        for doubling in [1, 2, 4, 8, 16, 32, 60, 60] as [Int64] {
            let action = state.event(
                .failed(retryAfter: nil),
                at: now,
                options: options,
                seed: 7
            )
            guard case .retry(let due) = action else {
                Issue.record("given up")
                return
            }
            let wait = (due - now).milliseconds
            #expect((doubling * 1_000...doubling * 1_200).contains(wait))
            now = due
        }
        #expect(state.attempts == 8)
    }

    @Test func `the receiver's own wait counts first`() {
        var state = RetryState(createdAt: at(0))
        let action = state.event(
            .failed(retryAfter: .seconds(17)),
            at: at(1),
            options: options,
            seed: 7
        )
        #expect(action == .retry(at: at(18)))
    }

    @Test func `a terminal answer ends it, and so do three days`() {
        var state = RetryState(createdAt: at(0))
        #expect(state.event(.refused, at: at(1), options: options, seed: 0) == .giveUp)
        let late = at(3 * 86_400)
        let failed = RetryState.Event.failed(retryAfter: nil)
        #expect(state.event(failed, at: late, options: options, seed: 0) == .giveUp)
        #expect(state.event(.delivered, at: late, options: options, seed: 0) == .done)
    }

    @Test func `Retry-After is seconds or a moment`() {
        #expect(retryAfter("120", date: nil) == .seconds(120))
        #expect(
            retryAfter(
                "Wed, 21 Oct 2015 07:28:30 GMT",
                date: "Wed, 21 Oct 2015 07:28:00 GMT"
            ) == .seconds(30)
        )
        #expect(retryAfter("soon", date: nil) == nil)
        #expect(retryAfter("-1", date: nil) == nil)
    }
}
