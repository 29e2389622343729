// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Alerts
import Samples
import Testing

private func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1_000) }

struct AlertLifecycleTests {
    @Test func `without for it fires at the first evaluation`() {
        var life = AlertLifecycle(activeAt: at(0))
        let step1 = life.event(.present, at: at(0), timing: AlertTiming())
        #expect(step1 == .fired)
        #expect(life.phase == .firing)
        #expect(life.firedAt == at(0))
    }

    @Test func `it waits for its for and fires when exactly that has passed`() {
        let timing = AlertTiming(pendingFor: .seconds(60))
        var life = AlertLifecycle(activeAt: at(0))
        let step2 = life.event(.present, at: at(0), timing: timing)
        #expect(step2 == .becamePending)
        let step3 = life.event(.present, at: at(59), timing: timing)
        #expect(step3 == .stay)
        #expect(life.phase == .pending)
        let step4 = life.event(.present, at: at(60), timing: timing)
        #expect(step4 == .fired)
        #expect(life.activeAt == at(0))
    }

    @Test func `a condition that ends while pending is forgotten`() {
        let timing = AlertTiming(pendingFor: .seconds(60))
        var life = AlertLifecycle(activeAt: at(0))
        _ = life.event(.present, at: at(0), timing: timing)
        let step5 = life.event(.absent, at: at(30), timing: timing)
        #expect(step5 == .cancelled)
    }

    @Test func `a resolved alert is kept for its retention and then forgotten`() {
        var life = AlertLifecycle(activeAt: at(0))
        _ = life.event(.present, at: at(0), timing: AlertTiming())
        let step6 = life.event(.absent, at: at(15), timing: AlertTiming())
        #expect(step6 == .resolved)
        #expect(life.resolvedAt == at(15))
        let step7 = life.event(.absent, at: at(915), timing: AlertTiming())
        #expect(step7 == .stay)
        let step8 = life.event(.absent, at: at(916), timing: AlertTiming())
        #expect(step8 == .expired)
    }

    @Test func `a condition that comes back after the end starts a new life`() {
        var life = AlertLifecycle(activeAt: at(0))
        _ = life.event(.present, at: at(0), timing: AlertTiming())
        _ = life.event(.absent, at: at(15), timing: AlertTiming())
        let step9 = life.event(.present, at: at(30), timing: AlertTiming())
        #expect(step9 == .fired)
        #expect(life.activeAt == at(30))
        #expect(life.resolvedAt == nil)
    }

    @Test func `keep firing for bridges a gap and ends after its time`() {
        let timing = AlertTiming(keepFiringFor: .seconds(60))
        var life = AlertLifecycle(activeAt: at(0))
        _ = life.event(.present, at: at(0), timing: timing)
        let step10 = life.event(.absent, at: at(15), timing: timing)
        #expect(step10 == .stay)
        #expect(life.keptSince == at(15))
        let step11 = life.event(.present, at: at(30), timing: timing)
        #expect(step11 == .stay)
        #expect(life.keptSince == nil)
        let step12 = life.event(.absent, at: at(45), timing: timing)
        #expect(step12 == .stay)
        let step13 = life.event(.absent, at: at(105), timing: timing)
        #expect(step13 == .resolved)
    }

    @Test func `a longer for makes a firing alert wait again`() {
        var life = AlertLifecycle(activeAt: at(0))
        _ = life.event(.present, at: at(0), timing: AlertTiming())
        let longer = AlertTiming(pendingFor: .seconds(60))
        let step14 = life.event(.present, at: at(15), timing: longer)
        #expect(step14 == .becamePending)
        #expect(life.phase == .pending)
    }

    @Test func `it is sent at each change and again after the delay`() {
        var life = AlertLifecycle(activeAt: at(0))
        let delay = Duration.seconds(60)
        _ = life.event(.present, at: at(0), timing: AlertTiming())
        let step15 = life.needsSending(at: at(0), resendDelay: delay)
        #expect(step15)
        let step16 = life.needsSending(at: at(60), resendDelay: delay)
        #expect(!step16)
        let step17 = life.needsSending(at: at(61), resendDelay: delay)
        #expect(step17)
        _ = life.event(.absent, at: at(62), timing: AlertTiming())
        let step18 = life.needsSending(at: at(62), resendDelay: delay)
        #expect(step18)
        let step19 = life.needsSending(at: at(70), resendDelay: delay)
        #expect(!step19)
    }

    @Test func `a clock set back keeps a firing alert, and its end is told at once`() {
        let timing = AlertTiming(pendingFor: .seconds(60))
        var life = AlertLifecycle(activeAt: at(10_000))
        _ = life.event(.present, at: at(10_000), timing: timing)
        _ = life.event(.present, at: at(10_060), timing: timing)
        let isTold = life.needsSending(at: at(10_060), resendDelay: .seconds(60))
        #expect(isTold)
        let step1 = life.event(.present, at: at(100), timing: timing)
        #expect(step1 == .stay)
        #expect(life.phase == .firing)
        let isRenewed = life.needsSending(at: at(100), resendDelay: .seconds(60))
        #expect(isRenewed)
        let step2 = life.event(.absent, at: at(115), timing: timing)
        #expect(step2 == .resolved)
        let isEndTold = life.needsSending(at: at(115), resendDelay: .seconds(60))
        #expect(isEndTold)
    }

    @Test func `a clock set back does not make a pending alert wait for it`() {
        let timing = AlertTiming(pendingFor: .seconds(60))
        var life = AlertLifecycle(activeAt: at(10_000))
        _ = life.event(.present, at: at(10_000), timing: timing)
        _ = life.event(.present, at: at(100), timing: timing)
        let step = life.event(.present, at: at(160), timing: timing)
        #expect(step == .fired)
    }

    @Test func `a pending alert is never sent`() {
        var life = AlertLifecycle(activeAt: at(0))
        _ = life.event(.present, at: at(0), timing: AlertTiming(pendingFor: .seconds(5)))
        let step20 = life.needsSending(at: at(0), resendDelay: .zero)
        #expect(!step20)
    }

    @Test func `an alert that nobody renews counts as ended when it expires`() {
        let alert = Alert(
            labels: ["alertname": "A"],
            startsAt: at(0),
            expiresAt: at(240),
            updatedAt: at(0)
        )
        #expect(!alert.isResolved(at: at(239)))
        #expect(alert.isResolved(at: at(240)))
        #expect(alert.fingerprintText.count == 16)
    }

    @Test func `a silence mutes what all its matchers fit within its time`() {
        let silence = Silence(
            id: "1",
            matchers: [Matcher("alertname", equals: "A"), Matcher("team", equals: "x")],
            startsAt: at(10),
            endsAt: at(20),
            updatedAt: at(0),
            createdBy: "me",
            comment: "why"
        )
        let labels: LabelSet = ["alertname": "A", "team": "x"]
        #expect(!silence.mutes(labels, at: at(9)))
        #expect(silence.mutes(labels, at: at(10)))
        #expect(!silence.mutes(["alertname": "A"], at: at(10)))
        #expect(silence.phase(at: at(20)) == .expired)
    }
}
