// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Makes a question that differs as small as it gets.
struct FuzzShrinking: Sendable {
    let peers: FuzzPeers

    /// The smallest part of a question that differs, at one moment if it does there.
    func smallest(_ request: FuzzRequest) async throws -> FuzzRequest {
        var best = request
        for moment in try await moments(request) {
            var instant = best
            instant.time = .instant(moment)
            guard try await differs(instant) else { continue }
            best = instant
            break
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

    /// Moments of a range at which it may differ: the first that does, or some where that is not known.
    private func moments(_ request: FuzzRequest) async throws -> [Int64] {
        guard case .range(let start, let end, let step) = request.time else { return [] }
        let (ours, theirs) = try await peers.ask(request)
        if let time = FuzzAnswer.difference(ours, theirs)?.time {
            return [Int64((time * 1_000).rounded())]
        }
        return [start, start + (end - start) / step / 2 * step, end]
    }

    private func differs(_ request: FuzzRequest) async throws -> Bool {
        let (ours, theirs) = try await peers.ask(request)
        return FuzzAnswer.difference(ours, theirs) != nil
    }
}
