// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import HTTPFetch
internal import Samples
internal import Secrets
internal import SourceText
public import Storage

/// Polls the circuit breakers of one endpoint.
public struct BreakerCollector: Collector {
    /// What is polled: kind `breakers`.
    public let target: TargetID
    private let options: BreakerOptions
    private let client: HTTPClient

    /// Makes a collector; many share one client.
    public init(_ options: BreakerOptions, client: HTTPClient) {
        target = TargetID(kind: "breakers", name: options.name)
        self.options = options
        self.client = client
    }

    /// When it polls.
    public var schedule: PollSchedule { options.schedule }

    /// Polls until the task is cancelled.
    public func run(_ context: CollectorContext) async {
        await CollectLoop(self, in: context).run(BreakerSource(options, client: client))
    }
}

/// The polls of one endpoint, with what they have seen.
struct BreakerSource: PollSource {
    private let options: BreakerOptions
    private let client: HTTPClient
    private var history: BreakerHistory

    init(_ options: BreakerOptions, client: HTTPClient) {
        self.options = options
        self.client = client
        history = BreakerHistory(endpoint: options.name, absence: options.absence)
    }

    /// Asks for the document; any status with a document of the format is an answer.
    mutating func poll(_ slot: PollSlot) async -> PollOutcome {
        var request = HTTPFetchRequest(url: options.url)
        request.headers = options.headers
        if !options.headers.contains(where: { $0.name.lowercased() == "accept" }) {
            request.headers.append(HTTPHeader("Accept", "application/json"))
        }
        request.authorization = options.authorization
        request.tls = options.tls
        request.maxBodyBytes = options.maxBodyBytes
        request.maxRedirects = 3
        do throws(HTTPFetchError) {
            return outcome(of: try await client.send(request, before: slot.deadline), slot)
        } catch {
            return PollOutcome(families: [], failure: PollFailure(error))
        }
    }

    private mutating func outcome(of response: HTTPFetchResponse, _ slot: PollSlot) -> PollOutcome {
        let url = redacted(url: options.url)
        let document: JSONValue
        do throws(JSONError) {
            document = try JSONValue.parse(response.body)
        } catch {
            guard response.isSuccess else { return refusal(response.status, url) }
            return .failure(.protocol, "\(url): \(error)")
        }
        let found = breakerReadings(
            in: document,
            format: options.format,
            mapping: options.mapping
        )
        guard let found else {
            guard response.isSuccess else { return refusal(response.status, url) }
            let format = options.format.rawValue
            return .failure(
                .protocol,
                "\(url): no circuit breakers of format '\(format)' in the JSON"
            )
        }
        let kept = found.prefix(options.maxBreakers)
        return .batch(
            history.take(Array(kept), at: slot.time),
            droppedSamples: found.count - kept.count
        )
    }

    private func refusal(_ status: Int, _ url: String) -> PollOutcome {
        let hint = "; behind an ingress it may need the header Host"
        return PollOutcome(
            families: [],
            failure: PollFailure(status: status, of: url, hint: hint)
        )
    }
}
