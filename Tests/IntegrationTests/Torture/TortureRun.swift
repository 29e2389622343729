// SPDX-License-Identifier: Apache-2.0
// Nightjar
import EventIO
import TestSupport

/// Plays faults at random against the real program, and notes which promises it breaks.
///
/// The same seed makes the same choices; what they meet depends on the machine's pace.
final class TortureRun {
    enum Fault: String, CaseIterable {
        case kill, end, suspend
        case reload, reloadWrong
        case fillDisk, freeDisk
        case hang, lose, mend
        case receiverFails, receiverRecovers
        case clockForward, clockBack
        case flip, calm
    }

    /// How often each is chosen.
    private static let weights: [Fault: Int] = [
        .kill: 4, .end: 2, .suspend: 2, .reload: 2, .mend: 3, .receiverFails: 2,
        .receiverRecovers: 2, .freeDisk: 2, .flip: 6,
    ]

    let stack: TortureStack
    let witness = Witness()
    let deployment: Deployment
    private(set) var diary: [String] = []
    private(set) var broken: [String] = []
    private var random: SeededChoice
    private var nightjar: NightjarProcess?
    private var starts = 0
    private var hasSecondReceiver = true
    private var clockOffset = 0
    private var disk: SmallDisk?
    private var isForgetful = false
    private let began = ContinuousClock.now

    init(seed: UInt64) async throws {
        random = SeededChoice(seed: seed)
        stack = try await TortureStack()
        deployment = try Deployment("", ["rules.yml": TortureStack.rules])
        disk = SmallDisk(deployment.directory.file("data"), megabytes: 64)
        try writeConfiguration()
        try setClock()
    }

    /// Plays so many faults, then heals everything and sees whether all come to know the truth.
    func play(_ count: Int) async throws {
        defer {
            nightjar?.send(signal: 18)
            nightjar?.send(signal: 15)
            _ = nightjar?.wait()
            stack.stop()
            disk?.remove()
        }
        try await start()
        let clockFaults: Set<Fault> = hasClock ? [] : [.clockForward, .clockBack]
        let faults = Fault.allCases.filter { !clockFaults.contains($0) }.flatMap { fault in
            Array(repeating: fault, count: Self.weights[fault] ?? 1)
        }
        for _ in 0..<count {
            guard nightjar != nil else { return }
            let fault = faults[random.below(faults.count)]
            try await inflict(fault)
            judge()
            try await Task.sleep(for: .milliseconds(200 + random.below(1_800)))
        }
        note("heal all")
        try await heal()
        try await settle()
        judge()
    }

    private func inflict(_ fault: Fault) async throws {
        let target = TortureStack.targets[random.below(TortureStack.targets.count)]
        let number = random.below(1_000)
        note("\(fault.rawValue) \(target) \(number)")
        switch fault {
        case .kill: try await restart(signal: 9, after: number)
        case .end: try await restart(signal: 15, after: number)
        case .suspend:
            nightjar?.send(signal: 19)
            try await Task.sleep(for: .milliseconds(500 + 6 * number))
            nightjar?.send(signal: 18)
        case .reload:
            hasSecondReceiver.toggle()
            try writeConfiguration()
            nightjar?.send(signal: 1)
        case .reloadWrong:
            try deployment.write("nightjar.yml", "global: {poll_intervall: 1s}\n")
            nightjar?.send(signal: 1)
            try await Task.sleep(for: .milliseconds(300))
            try writeConfiguration()
        case .fillDisk: try disk?.fill()
        case .freeDisk: disk?.free()
        case .hang: stack.hurt(target, .hung)
        case .lose: stack.hurt(target, .gone)
        case .mend: try await stack.mend(target)
        case .receiverFails: witness.become(Witness.Mood.allCases[1 + number % 4])
        case .receiverRecovers: witness.become(.well)
        case .clockForward: try setClock(by: 2 + number / 2)
        case .clockBack: try setClock(by: -(1 + number / 40))
        case .flip: try await stack.set(target, !(stack.truth[target]?.isOn ?? false))
        case .calm: try await Task.sleep(for: .milliseconds(2 * number))
        }
    }

    private func heal() async throws {
        witness.become(.well)
        disk?.free()
        for target in TortureStack.targets { try await stack.mend(target) }
    }

    // MARK: The program

    private func writeConfiguration() throws {
        let second = hasSecondReceiver
        let route = second ? "[{receiver: second, continue: true}, {receiver: first}]" : "[]"
        let receivers = (second ? ["first", "second"] : ["first"]).map { name in
            "{name: \(name), webhook_configs: [{url: \"\(witness.url)/\(name)\", timeout: 1s}]}"
        }
        try deployment.write(
            "nightjar.yml",
            """
            global: {poll_interval: 500ms, poll_timeout: 500ms, scrape_interval: 500ms, \
            scrape_timeout: 500ms, evaluation_interval: 500ms}
            web: {listen: "127.0.0.1:0"}
            storage: {path: data}
            \(stack.sources)
            rule_files: [rules.yml]
            rules: {resend_delay: 1s}
            alerting:
              route: {receiver: first, group_by: [alertname], group_wait: 100ms, group_interval: 300ms, routes: \(route)}
              receivers: [\(receivers.joined(separator: ", "))]

            """
        )
    }

    private static let clockLibrary = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"

    /// Whether the wall clock is set, too: only where `TORTURE_CLOCK=1` asks for it, as libfaketime
    /// sets timers off by the same time and so makes the program late in all that it does.
    private var hasClock: Bool { setting("TORTURE_CLOCK") == 1 && isFile(Self.clockLibrary) }

    /// Sets the program's wall clock by some seconds.
    private func setClock(by seconds: Int = 0) throws {
        clockOffset += seconds
        try deployment.write("clock", (clockOffset < 0 ? "" : "+") + "\(clockOffset)\n")
    }

    private func start() async throws {
        starts += 1
        let environment = [
            "LD_PRELOAD=" + Self.clockLibrary, "FAKETIME_NO_CACHE=1",
            "FAKETIME_TIMESTAMP_FILE=" + deployment.directory.file("clock"),
            "FAKETIME_DONT_FAKE_MONOTONIC=1",
        ]
        let process = try await NightjarProcess(
            deployment,
            number: starts,
            environment: hasClock ? environment : []
        )
        nightjar = process
        guard process.address.isEmpty else { return }
        broke("start \(starts) does not serve: \(process.log)")
        _ = process.wait()
        nightjar = nil
    }

    private func restart(signal: Int32, after milliseconds: Int) async throws {
        guard let process = nightjar else { return }
        let evidence = try? await Evidence(of: process.address, deployment, stack)
        // What the disk refused is not remembered: others may be told again.
        if disk?.isFull == true { isForgetful = true }
        process.send(signal: signal)
        let status = process.wait()
        let wanted: Int32 = signal == 9 ? 128 + 9 : 0
        if status != wanted { broke("it ended with \(status): \(process.log)") }
        try await Task.sleep(for: .milliseconds(milliseconds))
        try await start()
        guard let evidence, let nightjar, disk?.hasBeenFull != true else { return }
        for fault in try await evidence.faults(at: nightjar.address, deployment) { broke(fault) }
    }

    // MARK: Judgement

    /// Looks at every message that was taken: beginnings and ends take turns, each under one id, and
    /// there are no more ends than there were.
    private func judge() {
        guard !isForgetful else { return }
        var last: [String: Witness.Told] = [:]
        var ends: [String: Int] = [:]
        for message in witness.all {
            let key = message.path + " " + message.alert
            let before = last[key]
            guard before?.id != message.id else { continue }
            last[key] = message
            if before?.status == message.status {
                broke("\(key) was told twice: \(before?.id ?? "") and \(message.id)")
            }
            guard message.status == "resolved" else { continue }
            if before == nil { broke("\(key) begins with an end") }
            ends[key, default: 0] += 1
            let target = TortureStack.alerts.first { $0.value.contains(message.alert) }?.key
            let truth = target.flatMap { stack.truth[$0]?.ends } ?? 0
            if ends[key, default: 0] > truth { broke("\(key) was told a false end: \(message.id)") }
        }
    }

    /// Waits until every receiver knows how every alert stands.
    private func settle() async throws {
        guard let nightjar else { return }
        let counter = "nightjar_rule_evaluations_total"
        let before = try await deployment.query(nightjar.address, counter)[counter, default: 0]
        let isEvaluating = try await eventually {
            try await deployment.query(nightjar.address, counter)[counter, default: 0] > before + 10
        }
        if !isEvaluating { broke("rules are not evaluated") }
        var wrong: [String] = []
        _ = try await eventually(within: 120) {
            wrong = misinformed()
            return wrong.isEmpty
        }
        // Of an alert that ended and began again on a full disk, a successor knows the beginning.
        if !isForgetful { for line in wrong { broke(line) } }
        if !wrong.isEmpty { note("alerts: \(try await deployment.alerts(nightjar.address))") }
    }

    private func misinformed() -> [String] {
        var wrong: [String] = []
        for path in ["/first", "/second"] {
            for (target, alerts) in TortureStack.alerts {
                let isOn = stack.truth[target]?.isOn ?? false
                for alert in alerts {
                    let status = witness.lastStatus(of: alert, at: path)
                    let mustFire = isOn && (path == "/first" || hasSecondReceiver)
                    if mustFire ? status != "firing" : !isOn && status == "firing" {
                        wrong.append(
                            "\(path) \(alert): is \(isOn), last told \(status ?? "nothing")"
                        )
                    }
                }
            }
        }
        if witness.lastStatus(of: "Watchdog", at: "/first") != "firing" {
            wrong.append("/first Watchdog does not fire")
        }
        return wrong
    }

    private func note(_ line: String) {
        let (seconds, attoseconds) = (ContinuousClock.now - began).components
        diary.append("\(seconds).\(attoseconds / 100_000_000_000_000_000) \(line)")
    }

    private func broke(_ promise: String) {
        guard !broken.contains(promise) else { return }
        broken.append(promise)
        note("BROKEN: \(promise)")
    }
}

/// What is asked of the program before it dies, to be asked of its successor.
private struct Evidence {
    private let time: Double
    private let samples: Double
    private let clock: String?

    /// Asks: how many samples there are older than two seconds, and since when an alert pends.
    init(of address: String, _ deployment: Deployment, _ stack: TortureStack) async throws {
        time = try await deployment.query(address, "vector(time())")["", default: 0] - 2
        samples = try await Self.count(time, address, deployment)
        let isQuiet = stack.isUndisturbed("page") && stack.truth["page"]?.isOn == true
        clock = isQuiet ? try await deployment.activeAt(address, "PageDeepLong") : nil
    }

    func faults(at address: String, _ deployment: Deployment) async throws -> [String] {
        var faults: [String] = []
        let now = try await Self.count(time, address, deployment)
        if now < samples { faults.append("of \(samples) samples \(now) are left") }
        if let clock {
            var found: String?
            _ = try await eventually {
                found = try await deployment.activeAt(address, "PageDeepLong")
                return found == clock
            }
            if found != clock { faults.append("a clock of \(clock) became \(found ?? "none")") }
        }
        return faults
    }

    private static func count(
        _ time: Double,
        _ address: String,
        _ deployment: Deployment
    ) async throws -> Double {
        let samples = "count_over_time(queue_depth[1h] @ \(time))"
        return try await deployment.query(address, samples)["", default: 0]
    }
}
