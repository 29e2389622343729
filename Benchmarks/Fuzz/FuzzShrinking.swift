// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Makes a question that differs as small as it gets.
struct FuzzShrinking: Sendable {
    let peers: FuzzPeers

    /// The smallest part of a question that differs, at one moment if it does there.
    func smallest(_ request: FuzzRequest) async throws -> FuzzRequest {
        var best = request
        if case .range = request.time, let moment = try await firstMoment(best) {
            var instant = best
            instant.time = .instant(moment)
            if try await differs(instant) { best = instant }
        }
        var isShrinking = true
        var budget = 300
        while isShrinking, budget > 0 {
            isShrinking = false
            let parts = best.expression.children.filter { part in
                part.kind != .matrix && !part.text.hasPrefix("\"")
            }
            for smaller in parts + best.expression.smaller where budget > 0 {
                budget -= 1
                let candidate = best.with(smaller)
                guard smaller.text.count < best.expression.text.count,
                    try await differs(candidate)
                else { continue }
                best = candidate
                isShrinking = true
                break
            }
        }
        return best
    }

    private func firstMoment(_ request: FuzzRequest) async throws -> Int64? {
        let (ours, theirs) = try await peers.ask(request)
        let time = FuzzAnswer.difference(ours, theirs)?.time
        return time.map { Int64(($0 * 1_000).rounded()) }
    }

    private func differs(_ request: FuzzRequest) async throws -> Bool {
        let (ours, theirs) = try await peers.ask(request)
        return FuzzAnswer.difference(ours, theirs) != nil
    }
}
