// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A part of the daemon that runs until its task is cancelled.
///
/// The vocabulary is swift-service-lifecycle's, cut to what the daemon needs.
struct Service: Sendable {
    /// What the log calls it; no two services share it.
    let name: String
    /// What it was made of; a service of the same name and version need not be started anew.
    let version: ServiceVersion
    /// Makes what runs, right before it runs and when its predecessor has ended.
    ///
    /// What it gives returns when the task is cancelled; to return or throw earlier is a failure.
    let make: @Sendable () -> @Sendable () async throws -> Void

    /// Describes a service that is made and run at once.
    init(
        name: String,
        version: ServiceVersion = .fixed,
        run: @escaping @Sendable () async throws -> Void
    ) {
        self.init(name: name, version: version, make: { run })
    }

    /// Describes a service.
    init(
        name: String,
        version: ServiceVersion,
        make: @escaping @Sendable () -> @Sendable () async throws -> Void
    ) {
        self.name = name
        self.version = version
        self.make = make
    }
}

/// Why the daemon ended by itself.
struct ServiceFailure: Error, CustomStringConvertible {
    let service: String
    let cause: (any Error)?

    var description: String {
        "service \(service) ended: \(cause.map { "\($0)" } ?? "it returned before it was asked to")"
    }
}

/// Lists of services that shall run, each in place of the one before; answered when it is so.
typealias Rosters = Mailbox<[Service], Void>

/// Runs services side by side until `stop` returns or one of them ends, then cancels all.
///
/// `rosters` exchanges services meanwhile: those that are gone or have another version are ended
/// first, then the new ones begin, and the rest is left alone.
///
/// - Throws: `ServiceFailure` naming the first service that ended by itself.
func supervise(
    _ services: [Service],
    exchangedBy rosters: Rosters = Rosters(),
    until stop: @escaping @Sendable () async -> Void
) async throws(ServiceFailure) {
    let failure: ServiceFailure? = await withTaskGroup(of: Crew.Event.self) { group in
        defer { group.cancelAll() }
        defer { rosters.close() }
        group.addTask {
            await stop()
            return .stopped
        }
        group.addTask { .exchanged(await rosters.next()) }
        var crew = Crew()
        crew.begin(services, in: &group)
        while let event = await group.next(), !Task.isCancelled {
            switch event {
            case .stopped:
                return nil
            case .exchanged(let letter):
                guard let letter else { continue }
                crew.exchange(letter)
            case .ended(let name, let cause):
                guard crew.sawEnd(of: name) else {
                    return ServiceFailure(service: name, cause: cause)
                }
            }
            guard let letter = crew.takeReady() else { continue }
            crew.begin(letter.question, in: &group)
            rosters.answer(letter, with: ())
            group.addTask { .exchanged(await rosters.next()) }
        }
        return nil
    }
    if let failure { throw failure }
}

/// The services that run, and the roster that waits for some of them to end.
private struct Crew {
    enum Event: Sendable {
        case stopped
        case exchanged(Rosters.Letter?)
        case ended(String, (any Error)?)
    }

    private struct Member {
        let version: ServiceVersion
        let leave: AsyncStream<Void>.Continuation
        var isLeaving = false
    }

    private var members: [String: Member] = [:]
    private var pending: Rosters.Letter?

    /// Starts those that do not run yet.
    mutating func begin(_ services: [Service], in group: inout TaskGroup<Event>) {
        for service in services where members[service.name] == nil {
            let (order, leave) = AsyncStream<Void>.makeStream()
            members[service.name] = Member(version: service.version, leave: leave)
            let run = service.make()
            group.addTask { await perform(service.name, run, until: order) }
        }
    }

    /// Asks those to leave that a roster lacks, or has in another version.
    mutating func exchange(_ letter: Rosters.Letter) {
        pending = letter
        let wanted = Dictionary(letter.question.map { ($0.name, $0.version) }) { first, _ in first }
        for (name, member) in members where wanted[name] != member.version {
            members[name]?.isLeaving = true
            member.leave.finish()
        }
    }

    /// Notes an end; whether it was asked for.
    mutating func sawEnd(of name: String) -> Bool {
        members.removeValue(forKey: name)?.isLeaving ?? false
    }

    /// The roster, once all who had to leave are gone.
    mutating func takeReady() -> Rosters.Letter? {
        guard !members.values.contains(where: \.isLeaving) else { return nil }
        defer { pending = nil }
        return pending
    }
}

/// Runs one service until the stream ends or it does.
private func perform(
    _ name: String,
    _ run: @escaping @Sendable () async throws -> Void,
    until order: AsyncStream<Void>
) async -> Crew.Event {
    await withTaskGroup(of: Crew.Event.self) { group in
        group.addTask {
            do {
                try await run()
                return .ended(name, nil)
            } catch {
                return .ended(name, error)
            }
        }
        group.addTask {
            for await _ in order {}
            return .stopped
        }
        let first = await group.next() ?? .stopped
        group.cancelAll()
        guard case .stopped = first else { return first }
        return await group.next() ?? .ended(name, nil)
    }
}
