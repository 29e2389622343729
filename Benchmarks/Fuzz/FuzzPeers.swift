// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPFetch
internal import SourceText

/// The two engines, and how they are asked.
struct FuzzPeers: Sendable {
    let ours: Peer
    let theirs: Peer
    /// How far back instant vectors look, in seconds: Prometheus was started so, and we are asked to.
    let lookback: Int
    private let http = HTTPClient()

    init(ours: Peer, theirs: Peer, lookback: Int) {
        self.ours = ours
        self.theirs = theirs
        self.lookback = lookback
    }

    /// What the only item of a list begins with where the engine failed.
    static let failurePrefix = "failed: "

    /// Asks both at once.
    func ask(_ request: FuzzRequest) async throws -> (ours: FuzzAnswer, theirs: FuzzAnswer) {
        async let mine = ask(ours, request, isOurs: true)
        async let other = ask(theirs, request, isOurs: false)
        return (try await mine, try await other)
    }

    private func ask(
        _ peer: Peer,
        _ request: FuzzRequest,
        isOurs: Bool
    ) async throws -> FuzzAnswer {
        let base = "http://127.0.0.1:\(peer.port)\(request.path)"
        let own = isOurs && lookback != 300 ? "&lookback_delta=\(lookback)s" : ""
        let parameters = request.parameters(isOurs: isOurs) + own
        var fetch = HTTPFetchRequest(url: request.usesPost ? base : base + "?" + parameters)
        if request.usesPost {
            fetch.method = "POST"
            fetch.body = Array(parameters.utf8)
            fetch.headers = [HTTPHeader("Content-Type", "application/x-www-form-urlencoded")]
        }
        return try FuzzAnswer(try await send(fetch))
    }

    /// Asks for a list; each item as one text.
    func list(_ path: String, from peer: Peer) async throws -> Set<String> {
        let fetch = HTTPFetchRequest(url: "http://127.0.0.1:\(peer.port)\(path)")
        let response = try await send(fetch)
        let document = try JSONValue.parse(response.body)
        guard document["status"]?.string == "success" else {
            return [Self.failurePrefix + "\(response.status) \(document["error"]?.string ?? "")"]
        }
        return Set(
            (document["data"]?.array ?? []).map { item in
                if let text = item.string { return FuzzLabels.plain(text) }
                let pairs = (item.members ?? []).map { ($0.key, $0.value.string ?? "") }
                return FuzzLabels(Dictionary(pairs) { _, last in last }).description
            }
        )
    }

    private func send(_ fetch: HTTPFetchRequest) async throws -> HTTPFetchResponse {
        var fetch = fetch
        fetch.acceptsCompression = false
        fetch.maxBodyBytes = 1 << 28
        return try await http.send(fetch, before: .now + .seconds(60))
    }
}
