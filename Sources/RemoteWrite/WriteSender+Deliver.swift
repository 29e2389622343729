// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPFetch
internal import Logging
internal import Samples
internal import Storage

extension WriteSender {
    /// Sends a request until it is taken or refused for good, or its samples are too old.
    func deliver(_ request: SendPlan.Request, _ clock: some Clock<Duration>) async {
        var backoff = Backoff(options.queue)
        var isRetry = false
        while !Task.isCancelled {
            guard request.newest >= options.queue.oldest(at: now()) else {
                return meters.lost(request.sampleCount, .tooOld)
            }
            if isRetry { meters.retried(request.sampleCount) }
            isRetry = true
            let (verdict, reason) = await attempt(request.body)
            switch verdict {
            case .taken: return meters.sent(request)
            case .refused:
                guard !Task.isCancelled else { return }
                meters.lost(request.sampleCount, .refused)
                log?(.warning, "a receiver refused samples, which are lost", told(reason))
                return
            case .retry(let asked):
                guard !Task.isCancelled else { return }
                log?(.info, "samples could not be sent and will be again", told(reason))
                try? await clock.sleep(for: backoff.wait(atLeast: asked), tolerance: nil)
            }
        }
    }

    /// Sends what metrics measure, again and again; what is not taken waits for the next time.
    func sendMetadata(every interval: Duration, _ clock: some Clock<Duration>) async {
        while !Task.isCancelled {
            let all = store.metadata.sorted { $0.key < $1.key }
            for start in stride(from: 0, to: all.count, by: max(1, options.maxMetadataPerSend)) {
                let part = all[start..<min(start + options.maxMetadataPerSend, all.count)]
                var builder = WriteRequestBuilder()
                for (name, about) in part { builder.add(name, about) }
                let (verdict, _) = await attempt(Snappy.compress(builder.bytes))
                if verdict == .taken { meters.sentMetadata(part.count) }
            }
            try? await clock.sleep(for: interval, tolerance: nil)
        }
    }

    /// Sends a body once; tells what that means and, where it failed, why.
    private func attempt(_ body: [UInt8]) async -> (SendVerdict, reason: String) {
        var request = HTTPFetchRequest(url: options.url, method: "POST")
        request.headers = [
            HTTPHeader("Content-Type", "application/x-protobuf"),
            HTTPHeader("Content-Encoding", "snappy"),
            HTTPHeader("User-Agent", options.userAgent),
            HTTPHeader("X-Prometheus-Remote-Write-Version", "0.1.0"),
        ]
        request.headers += options.headers
        request.authorization = options.authorization
        request.tls = options.tls
        request.proxy = options.proxy
        request.maxRedirects = options.maxRedirects
        request.maxBodyBytes = 1 << 20
        request.body = body
        let start = ContinuousClock.now
        do throws(HTTPFetchError) {
            let response = try await http.send(request, before: start + options.timeout)
            meters.attempted(String(response.status), in: .now - start)
            return (
                SendVerdict(response, now: now()),
                "status \(response.status): \(response.text.prefix(200))"
            )
        } catch {
            guard error.reason != .cancelled else { return (.retry(after: nil), "") }
            meters.attempted(error.reason.rawValue, in: .now - start)
            // Whatever came in the place of an answer, the samples may still be taken the next time.
            let isLost = error.reason == .tooLarge
            return (isLost ? .refused : .retry(after: nil), error.message)
        }
    }

    private func told(_ reason: String) -> [Field] {
        [Field("remote", options.name), Field("error", reason)]
    }
}
