// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Tells whether a difference is a known one, by questions that both engines must then agree on.
struct DifferenceJudge: Sendable {
    let peers: FuzzPeers

    /// Asks both engines.
    func ask(_ request: FuzzRequest) async throws -> (ours: FuzzAnswer, theirs: FuzzAnswer) {
        try await peers.ask(request)
    }

    /// A question with its two answers, which differ.
    struct Case: Sendable {
        let request: FuzzRequest
        let ours: FuzzAnswer
        let theirs: FuzzAnswer

        /// The points that differ; none where one of the two failed.
        var points: [FuzzAnswer.Difference] { FuzzAnswer.differences(ours, theirs) }
        /// Whether both succeeded, so that the points tell all.
        var haveBothSucceeded: Bool {
            guard case .success = ours, case .success = theirs else { return false }
            return true
        }
    }

    /// The difference that explains a question, the smallest that differs; nil where none is proven.
    func explanation(of request: FuzzRequest) async throws -> KnownDifference? {
        let (ours, theirs) = try await ask(request)
        let found = Case(request: request, ours: ours, theirs: theirs)
        for known in KnownDifference.allCases where try await proves(known, found) {
            return known
        }
        return try await explanationOfSubqueries(found)
    }

    /// Why what the subqueries ask differs, where it does: each difference must be explained.
    private func explanationOfSubqueries(_ found: Case) async throws -> KnownDifference? {
        var known: KnownDifference?
        for question in found.request.expression.subqueryRanges(of: found.request) {
            let (ours, theirs) = try await ask(question)
            if FuzzAnswer.difference(ours, theirs) == nil { continue }
            let smallest = try await FuzzShrinking(peers: peers).smallest(question)
            guard let one = try await explanation(of: smallest) else { return nil }
            known = one
        }
        return known
    }

    private func proves(_ known: KnownDifference, _ found: Case) async throws -> Bool {
        switch known {
        case .movedFixedRange: try await isMovedRange(found)
        case .delayedNameRemoval: try await isDelayedName(found)
        case .otherError: try await isOtherError(found)
        case .lowChoice: try await isLowChoice(found)
        case .momentBeyond: isMomentBeyond(found)
        case .forgottenOffset: try await isForgottenOffset(found)
        case .namedArcTangent: isNamedArcTangent(found)
        case .tie: try await isTie(found)
        case .infiniteDeviation: try await isInfiniteDeviation(found)
        case .infiniteRegression: try await isInfiniteRegression(found)
        case .bucketNaN: try await isBucketNaN(found)
        case .bucketNoise: try await isBucketNoise(found)
        case .cancellation: try await isCancellation(found)
        case .rounding: try await agreesWhenRounded(found.request)
        }
    }

    /// Whether both engines say the same, and do not both fail.
    func agree(_ request: FuzzRequest) async throws -> Bool {
        let (ours, theirs) = try await ask(request)
        guard case .success = ours else { return false }
        return FuzzAnswer.difference(ours, theirs) == nil
    }

    // MARK: - Questions about more than one moment

    private func isMovedRange(_ found: Case) async throws -> Bool {
        guard case .range = found.request.time, case .success = found.ours,
            found.request.expression.text.contains("@")
        else { return false }
        return try await isRightAtEachMoment(found)
    }

    private func isDelayedName(_ found: Case) async throws -> Bool {
        guard case .failure(_, let text) = found.theirs, case .success = found.ours,
            text.contains("same labelset")
        else { return false }
        if case .range = found.request.time { return try await isRightAtEachMoment(found) }
        // What a subquery asks at each of its moments is fine, so it is the moments together.
        var hasSubquery = false
        for question in found.request.expression.subqueryRanges(of: found.request) {
            hasSubquery = true
            for moment in question.moments {
                let (ours, theirs) = try await ask(moment)
                if FuzzAnswer.difference(ours, theirs) != nil { return false }
            }
        }
        return hasSubquery
    }

    /// The first moment that fails, fails in both engines alike, and as 2.42 tells for the whole.
    private func isOtherError(_ found: Case) async throws -> Bool {
        guard case .failure = found.ours, case .failure(_, let told) = found.theirs,
            case .range = found.request.time
        else { return false }
        for moment in found.request.moments {
            let (ours, theirs) = try await ask(moment)
            guard FuzzAnswer.difference(ours, theirs) == nil else { return false }
            guard case .failure(_, let text) = theirs else { continue }
            return FuzzErrorText(text).isEnd(of: FuzzErrorText(told))
        }
        return false
    }

    /// Whether our answer is, at each moment, what both engines say when they are asked for it alone, but
    /// for what is known otherwise.
    private func isRightAtEachMoment(_ found: Case) async throws -> Bool {
        var count = 0
        for moment in found.request.moments {
            let (ours, theirs) = try await ask(moment)
            guard case .success = ours else { return false }
            if FuzzAnswer.difference(ours, theirs) != nil {
                let smallest = try await FuzzShrinking(peers: peers).smallest(moment)
                guard try await explanation(of: smallest) != nil else { return false }
            }
            for (labels, points) in ours.rows {
                count += points.count
                for point in points {
                    guard let value = found.ours.value(labels, point.time),
                        value == point.value || (value.isNaN && point.value.isNaN)
                    else { return false }
                }
            }
        }
        return count == found.ours.rows.values.reduce(0) { $0 + $1.count }
    }

    // MARK: - Names and offsets

    /// Ours is empty, and theirs has nothing that is within the question's time.
    private func isMomentBeyond(_ found: Case) -> Bool {
        guard case .subquery = found.request.expression,
            case .instant(let time) = found.request.time,
            found.ours.isEmpty, found.haveBothSucceeded
        else { return false }
        return found.points.allSatisfy { $0.time > Double(time) / 1_000 }
    }

    /// Ours is empty, as both are where none is taken.
    private func isLowChoice(_ found: Case) async throws -> Bool {
        guard case .aggregation(let name, _, let grouping, let inner) = found.request.expression,
            found.request.expression.isChoice, case .failure(_, let text) = found.theirs,
            text.contains("Scalar value -")
        else { return false }
        let none = FuzzExpression.aggregation(name, parameter: "0", grouping: grouping, inner)
        let (_, theirs) = try await ask(found.request.with(none))
        return FuzzAnswer.difference(found.ours, theirs) == nil
    }

    /// The offset is taken into the fixed moment, so that nothing can be forgotten.
    private func isForgottenOffset(_ found: Case) async throws -> Bool {
        guard case .call("timestamp", let arguments, let kind) = found.request.expression,
            case .selector(var selector)? = arguments.first,
            let suffix = FuzzSuffix(selector.suffix), let fixed = suffix.fixed,
            suffix.offset != 0
        else { return false }
        guard let moment = fixed.moment(of: found.request) else { return false }
        selector.suffix = " @ " + FuzzRequest.seconds(moment - suffix.offset)
        let plain = FuzzExpression.call("timestamp", [.selector(selector)], kind)
        let (_, theirs) = try await ask(found.request.with(plain))
        return FuzzAnswer.difference(found.ours, theirs) == nil
    }

    private func isNamedArcTangent(_ found: Case) -> Bool {
        guard case .binary("atan2", _, _, _) = found.request.expression,
            case .success(let type, let rows) = found.theirs
        else { return false }
        var unnamed: [FuzzLabels: [FuzzAnswer.Point]] = [:]
        for (labels, points) in rows {
            let rest = labels.without(["__name__"])
            if unnamed[rest] != nil {
                guard case .failure(_, let text) = found.ours else { return false }
                return text.contains("same labelset")
            }
            unnamed[rest] = points
        }
        return FuzzAnswer.difference(found.ours, .success(type, unnamed)) == nil
    }
}
