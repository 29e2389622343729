// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Alerts
internal import CivilTime
internal import HTTPFetch
internal import Samples
internal import Storage
internal import Telemetry

extension Pipeline {
    /// A delivery whose turn has come.
    struct Job: Sendable {
        let delivery: Delivery
        let integration: Integration
    }

    /// Takes at most one due delivery for each integration that is neither busy nor told to wait.
    ///
    /// Messages of a group keep their order; one that waits for its next attempt does not hold up
    /// other groups.
    func takeDue(at now: Timestamp) -> [Job] {
        var jobs: [Job] = []
        var waiting: Set<Delivery.Lane> = []
        for delivery in outbox where waiting.insert(delivery.lane).inserted {
            guard delivery.retry.dueAt <= now, !busy.contains(delivery.integration),
                pausedUntil[delivery.integration].map({ $0 <= now }) ?? true
            else { continue }
            guard let integration = integration(delivery) else {
                fail(delivery, "the receiver \(delivery.integration) is gone", at: now)
                continue
            }
            busy.insert(integration.id)
            inFlight.insert(delivery.id)
            jobs.append(Job(delivery: delivery, integration: integration))
        }
        return jobs
    }

    /// When something is due next; nil where nothing is.
    func nextDue(after now: Timestamp) -> Timestamp? {
        let flush = groups.values.compactMap(\.state.nextFlush).min()
        var attempt: Timestamp?
        var waiting: Set<Delivery.Lane> = []
        for delivery in outbox {
            guard waiting.insert(delivery.lane).inserted, !busy.contains(delivery.integration)
            else {
                continue
            }
            let due = max(delivery.retry.dueAt, pausedUntil[delivery.integration] ?? now)
            attempt = min(attempt ?? due, due)
        }
        return [flush, attempt].compactMap(\.self).min()
    }

    /// Makes one attempt and notes what came of it; one that is cancelled never was.
    func attempt(_ job: Job, now: @escaping @Sendable () -> Timestamp) async {
        let began = now()
        let known = log[logKey(job.delivery.message.stableKey, job.integration.id)]
        let context = Attempt(
            unixSeconds: began.milliseconds / 1_000,
            externalURL: options.externalURL,
            slackChannel: known?.slackChannel,
            slackTime: known?.slackTime
        )
        let timeout = job.integration.channel.timeout ?? options.retry.attemptTimeout
        var status: Int?
        var verdict: Verdict
        let templates = MessageTemplates(
            job.delivery.message,
            externalURL: options.externalURL,
            library: options.templates
        )
        let channel = await job.integration.channel.expanded { await templates.expand($0) }
        do {
            let request = try channel.request(job.delivery.message, context)
            switch await transport(request, timeout) {
            case .success(let answer):
                status = answer.status
                verdict = channel.verdict(on: answer)
            case .failure(let error):
                verdict = Verdict(error)
            }
        } catch {
            verdict = Verdict(.failed(retryAfter: nil), .auth, "read the secret: \(error)")
        }
        busy.remove(job.integration.id)
        inFlight.remove(job.delivery.id)
        guard !Task.isCancelled || status != nil else { return }
        finish(job, verdict, status: status, began: began, ended: now())
        wake()
    }

    private func finish(
        _ job: Job,
        _ verdict: Verdict,
        status: Int?,
        began: Timestamp,
        ended: Timestamp
    ) {
        var delivery = job.delivery
        let labels = labels(of: delivery)
        meters.attempts.add(1, labels)
        meters.duration.observe((ended - began).inSeconds, labels)
        if let reason = verdict.reason {
            meters.failedAttempts.add(1, labels.setting("reason", to: reason.rawValue))
        }
        pause(job.integration, verdict, from: ended)
        let seed = delivery.id.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) }
        let action = delivery.retry.event(
            verdict.event,
            at: ended,
            options: options.retry,
            seed: seed
        )
        let outcome: NotificationAttempt.Outcome
        switch action {
        case .done:
            outcome = .delivered
            meters.delivered.add(1, labels)
            remove(delivery)
            rememberPlace(verdict, of: delivery)
            hasten(delivery.integration, at: ended)
        case .giveUp:
            outcome = .failed
            meters.givenUp.add(1, labels)
            remove(delivery)
        case .retry:
            outcome = .retrying
            update(delivery)
        }
        list(
            delivery,
            outcome: outcome,
            at: began,
            took: ended - began,
            status: status,
            error: verdict.error
        )
    }

    /// Lets what waits for an integration be tried at once: its receiver is well again.
    private func hasten(_ integration: String, at now: Timestamp) {
        for index in outbox.indices where outbox[index].integration == integration {
            outbox[index].retry.wait(atMost: .zero, at: now)
        }
    }

    private func update(_ delivery: Delivery) {
        guard let index = outbox.firstIndex(where: { $0.id == delivery.id }) else { return }
        outbox[index] = delivery
        changes.append(
            .put(space: Space.outbox, key: delivery.id, value: delivery.record.bytes)
        )
    }

    /// Keeps the vendor's pace, and for the whole integration the wait that its answer asked for.
    private func pause(_ integration: Integration, _ verdict: Verdict, from now: Timestamp) {
        var until = now + type(of: integration.channel).spacing
        if case .failed(let retryAfter?) = verdict.event {
            until = max(until, now + min(retryAfter, options.retry.longestRetryAfter))
        }
        pausedUntil[integration.id] = until
    }

    private func rememberPlace(_ verdict: Verdict, of delivery: Delivery) {
        let place = logKey(delivery.message.stableKey, delivery.integration)
        guard let time = verdict.slackTime, var entry = log[place] else { return }
        entry.slackTime = time
        entry.slackChannel = verdict.slackChannel ?? entry.slackChannel
        note(entry, at: place)
    }

    private func fail(_ delivery: Delivery, _ error: String, at now: Timestamp) {
        meters.givenUp.add(1, labels(of: delivery))
        remove(delivery)
        list(delivery, outcome: .failed, at: now, error: error)
    }

    /// Whether a request carries it right now.
    func isInFlight(_ delivery: Delivery) -> Bool { inFlight.contains(delivery.id) }

    /// The labels of a delivery's metrics.
    func labels(of delivery: Delivery) -> LabelSet {
        ["receiver": delivery.message.receiver, "integration": way(delivery)]
    }

    private func way(_ delivery: Delivery) -> String {
        String(delivery.integration.dropFirst(delivery.message.receiver.count + 1))
    }

    /// Adds to the list for people; the oldest falls out.
    func list(
        _ delivery: Delivery,
        outcome: NotificationAttempt.Outcome,
        at time: Timestamp,
        took: Duration = .zero,
        status: Int? = nil,
        error: String = ""
    ) {
        attempts.append(
            NotificationAttempt(
                deliveryID: delivery.id,
                receiver: delivery.message.receiver,
                integration: way(delivery),
                group: delivery.message.groupLabels,
                groupKey: delivery.message.groupKey,
                status: delivery.message.status,
                reason: delivery.message.reason.rawValue,
                alerts: delivery.message.alerts.map(\.labels),
                attempt: delivery.retry.attempts,
                time: time,
                duration: took,
                statusCode: status,
                error: error,
                outcome: outcome
            )
        )
        if attempts.count > Self.mostAttempts { attempts.removeFirst() }
    }

    /// The transport over libcurl.
    static func transport(over http: HTTPClient) -> Transport {
        { request, timeout in
            do throws(HTTPFetchError) {
                let response = try await http.send(request, before: .now + timeout)
                let wait = response.header("retry-after").flatMap { text in
                    retryAfter(text, date: response.header("date"))
                }
                return .success(
                    Answer(status: response.status, retryAfter: wait, body: response.body)
                )
            } catch {
                return .failure(error)
            }
        }
    }
}
