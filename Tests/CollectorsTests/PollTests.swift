import Samples
import Storage
import Testing

// SPDX-License-Identifier: Apache-2.0
// Nightjar
@testable import Collectors

private func at(_ seconds: Double) -> Timestamp { Timestamp(seconds: seconds) }

@Suite struct PollTimetableTests {
    let schedule = PollSchedule(interval: .seconds(15), timeout: .seconds(20))

    @Test func `a timeout is no longer than the interval`() {
        #expect(schedule.timeout == .seconds(15))
    }

    @Test func `the first poll is at once, the next on the grid`() {
        var timetable = PollTimetable(schedule)
        #expect(timetable.next(now: at(100)) == (at(100), 0))
        #expect(timetable.next(now: at(101)) == (at(105), 0))
        #expect(timetable.next(now: at(106)) == (at(120), 0))
    }

    @Test func `slots that passed are skipped and counted`() {
        var timetable = PollTimetable(schedule)
        _ = timetable.next(now: at(105))
        #expect(timetable.next(now: at(151)) == (at(165), 3))
        #expect(timetable.next(now: at(166)) == (at(180), 0))
    }

    @Test func `a slot that is due now is not late`() {
        var timetable = PollTimetable(schedule)
        _ = timetable.next(now: at(105))
        #expect(timetable.next(now: at(120)) == (at(120), 0))
    }

    @Test func `after a suspension the running slot is polled`() {
        var timetable = PollTimetable(schedule)
        _ = timetable.next(now: at(105))
        #expect(timetable.next(now: at(106)) == (at(120), 0))
        #expect(timetable.woken(for: at(120), now: at(134)) == (at(120), 0))
        #expect(timetable.woken(for: at(120), now: at(737)) == (at(735), 41))
        #expect(timetable.next(now: at(738)) == (at(750), 0))
    }

    @Test func `a clock set back does not stop the polls`() {
        var timetable = PollTimetable(schedule)
        _ = timetable.next(now: at(10_005))
        #expect(timetable.next(now: at(100)) == (at(105), 0))
    }
}

@Suite struct BackoffTests {
    @Test func `the first failure costs no wait, further ones ever more up to the longest`() {
        var backoff = Backoff(longest: .seconds(5))
        let now = ContinuousClock.now
        backoff.failed(at: now)
        #expect(backoff.allows(now))
        backoff.failed(at: now)
        #expect(!backoff.allows(now))
        #expect(backoff.allows(now + .seconds(1)))
        for _ in 0..<20 { backoff.failed(at: now) }
        #expect(!backoff.allows(now + .seconds(4)))
        #expect(backoff.allows(now + .seconds(5)))
        backoff.succeeded()
        #expect(backoff.allows(now))
    }
}

@Suite struct PollBoardTests {
    let board = PollBoard()
    let target = TargetID(kind: "redis", name: "cache")
    let clock = PollClock(now: { at(0) })

    @Test func `who waits for a slot is woken when its last poll lands`() async {
        let other = TargetID(kind: "redis", name: "other")
        for target in [target, other] {
            board.add(target, schedule: PollSchedule(interval: .seconds(15), timeout: .seconds(15)))
        }
        board.land(.batch([]), of: target, slot: at(30), took: .zero)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await board.pollsLanded(due: at(30), limit: .seconds(3_600), clock: clock)
            }
            board.land(.failure(.timeout, "late"), of: other, slot: at(30), took: .zero)
        }
        #expect(board.entry(of: other)?.outcome?.failure?.reason == .timeout)
        #expect(board.entry(of: other)?.lastSuccess == nil)
        #expect(board.entry(of: target)?.lastSuccess == at(30))
    }

    @Test func `a wait is no longer than its limit`() async {
        board.add(target, schedule: PollSchedule(interval: .seconds(15), timeout: .seconds(15)))
        await board.pollsLanded(due: at(30), limit: .milliseconds(1), clock: clock)
        #expect(board.entry(of: target)?.slot == nil)
    }

    @Test func `a target that is gone is not waited for`() async {
        board.add(target, schedule: PollSchedule(interval: .seconds(15), timeout: .seconds(15)))
        board.remove(target)
        await board.pollsLanded(due: at(30), limit: .seconds(3_600), clock: clock)
        #expect(board.targets.isEmpty)
    }
}

@Suite struct FailingSourceTests {
    private let board = PollBoard { _ in
        [["__name__": "errors", "job": "app", "instance": "z:1"]]
    }
    private let app = TargetID(kind: "scrape", name: "app/a:1")
    private let errors = [[Matcher("__name__", equals: "errors")]]

    init() {
        board.add(app, schedule: PollSchedule(interval: .seconds(15), timeout: .seconds(15)))
    }

    private func land(_ outcome: PollOutcome, _ second: Double) {
        board.land(outcome, of: app, slot: at(second), took: .zero)
    }

    private func isUnknown(_ labels: LabelSet, at second: Double) -> Bool {
        board.isUnknown(labels, selectedBy: errors, at: at(second))
    }

    @Test func `a failing source counts for the series that it gave before`() {
        var family = MetricFamily(name: "errors", kind: .gauge, help: "")
        family.samples = [
            SeriesSample(labels: ["__name__": "errors", "service": "auth"], value: 1)
        ]
        land(.batch([family]), 15)
        #expect(!isUnknown(["alertname": "A", "service": "auth"], at: 29))
        // The poll of that moment is not over.
        #expect(isUnknown(["alertname": "A", "service": "auth"], at: 30))
        land(.failure(.refused, "nobody listens"), 30)
        land(.failure(.refused, "nobody listens"), 45)
        #expect(isUnknown(["alertname": "A", "service": "auth"], at: 45))
        #expect(isUnknown(["alertname": "A", "severity": "critical"], at: 45))
        #expect(!isUnknown(["alertname": "A", "service": "feed"], at: 45))
        let others = [[Matcher("__name__", equals: "x")]]
        #expect(!board.isUnknown([:], selectedBy: others, at: at(45)))
        land(.batch([family]), 60)
        #expect(!isUnknown(["alertname": "A", "service": "auth"], at: 60))
    }

    @Test func `a part that fails counts for the series that it gave before, and for no others`() {
        var errors = MetricFamily(name: "errors", kind: .gauge, help: "")
        errors.samples = [SeriesSample(labels: ["__name__": "errors", "job": "app"], value: 1)]
        let ups = MetricFamily(name: "ups", kind: .gauge, help: "")
        land(.batch([errors, ups], parts: [PartOutcome("a"), PartOutcome("b")]), 15)
        let failed = PartOutcome("a", failure: PollFailure(.timeout, "late"))
        for second in [30, 45] as [Double] {
            land(.batch([ups], parts: [failed, PartOutcome("b")]), second)
            #expect(isUnknown(["alertname": "A", "job": "app", "instance": "a:1"], at: second))
            let others = [[Matcher("__name__", equals: "ups")]]
            #expect(!board.isUnknown(["alertname": "A"], selectedBy: others, at: at(second)))
        }
        land(.failure(.refused, "nobody listens"), 60)
        #expect(isUnknown(["alertname": "A", "job": "app"], at: 60))
        land(.batch([ups], parts: [PartOutcome("a"), PartOutcome("b")]), 75)
        #expect(!isUnknown(["alertname": "A", "job": "app"], at: 75))
    }

    @Test func `a source that never answered counts for alerts that carry its own label`() {
        land(.failure(.refused, "nobody listens"), 15)
        #expect(isUnknown(["job": "app", "instance": "a:1"], at: 15))
        #expect(!isUnknown(["job": "app", "instance": "b:1"], at: 15))
    }

    @Test func `of a source that did not answer since the start, storage knows the series`() {
        let board = PollBoard { matchers in
            let stored: LabelSet = [
                "__name__": "errors", "job": "app", "instance": "a:1", "service": "auth",
            ]
            return matchers.allSatisfy { $0.matches(stored) } ? [stored] : []
        }
        for name in ["app/a:1", "app/b:1"] {
            let target = TargetID(kind: "scrape", name: name)
            board.add(target, schedule: PollSchedule(interval: .seconds(15), timeout: .seconds(5)))
        }
        let other = TargetID(kind: "scrape", name: "app/b:1")
        board.land(.failure(.refused, "nobody listens"), of: other, slot: at(15), took: .zero)
        let auth: LabelSet = ["alertname": "A", "service": "auth"]
        #expect(board.isUnknown(auth, selectedBy: errors, at: at(15)))
        #expect(!board.isUnknown(["service": "feed"], selectedBy: errors, at: at(15)))
        // Of series that storage does not have, nobody knows whose they were.
        #expect(board.isUnknown(auth, selectedBy: [[Matcher("job", equals: "x")]], at: at(15)))
        let target = TargetID(kind: "scrape", name: "app/a:1")
        board.land(.batch([]), of: target, slot: at(15), took: .zero)
        #expect(!board.isUnknown(auth, selectedBy: errors, at: at(15)))
    }
}

@Suite struct FamilySetTests {
    @Test func `duplicates and what is above the limit are dropped and counted`() {
        var families = FamilySet(base: ["server": "main"], limit: 2)
        let metric = Metric.gauge("m", "Help.")
        families.add(metric, 1, [("a", "1")])
        families.add(metric, 2, [("a", "1")])
        families.add(metric, 3, [("a", "2")])
        families.add(metric, 4, [("a", "3")])
        #expect(families.dropped == 2)
        #expect(families.all.first?.samples.map(\.value) == [1, 3])
        #expect(
            families.all.first?.samples.first?.labels.description == #"m{a="1", server="main"}"#
        )
    }
}

@Suite struct SettingUnitTests {
    @Test(arguments: [
        ("8kB", 8_192.0, "_bytes"), ("16MB", 16_777_216, "_bytes"), ("ms", 0.001, "_seconds"),
        ("min", 60, "_seconds"), ("", 1, ""), ("furlong", 1, ""),
    ])
    func `a unit is a factor and the end of the name`(text: String, factor: Double, end: String) {
        #expect(SettingUnit(text).factor == factor)
        #expect(SettingUnit(text).suffix == end)
    }
}
