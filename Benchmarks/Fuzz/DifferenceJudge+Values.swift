// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Proofs about values: ties, what is not finite, and last digits.
extension DifferenceJudge {
    // MARK: - Ties

    /// Both took, of each group and moment, the same values out of what there is to choose from.
    func isTie(_ found: Case) async throws -> Bool {
        guard case .aggregation(let name, _, let grouping, let inner) = found.request.expression,
            ["topk", "bottomk"].contains(name)
        else { return try await isTieInside(found) }
        guard found.haveBothSucceeded, let groups = FuzzGrouping(grouping) else { return false }
        let (ours, theirs) = try await ask(found.request.with(inner))
        return choices(found.ours, from: ours, groups)
            == choices(found.theirs, from: theirs, groups)
    }

    /// Of each group and moment the values in order; nil where one is not among those to choose from.
    private func choices(
        _ answer: FuzzAnswer,
        from all: FuzzAnswer,
        _ groups: FuzzGrouping
    ) -> [FuzzLabels: [Double: [Float]]]? {
        var chosen: [FuzzLabels: [Double: [Float]]] = [:]
        for (labels, points) in answer.rows {
            for point in points {
                guard let value = all.value(labels, point.time) else { return nil }
                guard value == point.value || (value.isNaN && point.value.isNaN) else { return nil }
                // As single precision, what differs in its last digits is equal.
                let number = value.isNaN ? -Float.infinity : Float(value)
                chosen[groups.key(of: labels), default: [:]][point.time, default: []].append(number)
            }
        }
        return chosen.mapValues { $0.mapValues { $0.sorted() } }
    }

    /// Prometheus itself is not of one mind, and without the choice both agree.
    private func isTieInside(_ found: Case) async throws -> Bool {
        guard found.request.expression.contains(where: \.isChoice) else { return false }
        var isUnsteady = false
        for _ in 0..<20 where !isUnsteady {
            isUnsteady = try await ask(found.request).theirs != found.theirs
        }
        let all = found.request.with(found.request.expression.withoutChoices)
        return isUnsteady ? try await agree(all) : false
    }

    // MARK: - What is not finite

    /// At each point that differs a value is not finite, and the answer there is as said.
    private func isNotFinite(
        _ found: Case,
        sum: FuzzExpression,
        isAsSaid: (FuzzAnswer.Difference) -> Bool
    ) async throws -> Bool {
        guard found.haveBothSucceeded else { return false }
        let sum = FuzzExpression.binary("*", modifiers: "", sum, .number("0"))
        let (_, theirs) = try await ask(found.request.with(sum))
        return found.points.allSatisfy { point in
            let labels = point.labels.without(["__name__"])
            return theirs.value(labels, point.time)?.isNaN == true && isAsSaid(point)
        }
    }

    func isInfiniteDeviation(_ found: Case) async throws -> Bool {
        switch found.request.expression {
        case .aggregation("stddev", _, let grouping, let inner),
            .aggregation("stdvar", _, let grouping, let inner):
            let sum = FuzzExpression.aggregation("sum", parameter: "", grouping: grouping, inner)
            return try await isNotFinite(found, sum: sum) { $0.ours?.isNaN == true }
        case .call("stddev_over_time", let arguments, _),
            .call("stdvar_over_time", let arguments, _):
            let sum = FuzzExpression.call("sum_over_time", arguments, .vector)
            return try await isNotFinite(found, sum: sum) { $0.ours?.isNaN == true }
        default: return false
        }
    }

    func isInfiniteRegression(_ found: Case) async throws -> Bool {
        guard case .call(let name, let arguments, _) = found.request.expression,
            ["deriv", "predict_linear"].contains(name)
        else { return false }
        let sum = FuzzExpression.call("sum_over_time", [arguments[0]], .vector)
        return try await isNotFinite(found, sum: sum) { $0.theirs?.isNaN == true }
    }

    func isBucketNaN(_ found: Case) async throws -> Bool {
        guard case .call("histogram_quantile", let arguments, _) = found.request.expression else {
            return false
        }
        let grouping = "without (le)"
        let sum = FuzzExpression.aggregation(
            "sum",
            parameter: "",
            grouping: grouping,
            arguments[1]
        )
        return try await isNotFinite(found, sum: sum) { _ in true }
    }

    // MARK: - Last digits

    func isBucketNoise(_ found: Case) async throws -> Bool {
        guard case .call("histogram_quantile", _, _) = found.request.expression else {
            return false
        }
        return try await agreesWhenRounded(found.request, mayBeEqualBefore: true)
    }

    /// The results are off by what the values' own size allows.
    func isCancellation(_ found: Case) async throws -> Bool {
        let inner: FuzzExpression
        let name: String
        switch found.request.expression {
        case .aggregation(let function, _, _, let argument): (name, inner) = (function, argument)
        case .call(let function, let arguments, _) where function.hasSuffix("_over_time"):
            guard let last = arguments.last else { return false }
            (name, inner) = (function, last)
        default: return false
        }
        let isSum = name.hasPrefix("sum") || name.hasPrefix("avg")
        let isDeviation = name.hasPrefix("stddev")
        guard isSum || isDeviation || name.hasPrefix("stdvar"), found.haveBothSucceeded else {
            return false
        }
        let values = try await ask(found.request.with(inner)).ours.magnitudes
        let largest = values.max() ?? 0
        let limit = 1e-13 * Double(values.count) * (isSum ? largest : largest * largest)
        return found.points.allSatisfy { point in
            guard let ours = point.ours, let theirs = point.theirs else { return false }
            let difference = isDeviation ? ours * ours - theirs * theirs : ours - theirs
            return difference.magnitude <= limit
        }
    }

    /// The parts are rounded until they are equal in every digit; the whole is equal then, too.
    func agreesWhenRounded(
        _ request: FuzzRequest,
        mayBeEqualBefore: Bool = false
    ) async throws -> Bool {
        var parts = try await answers(request.expression.children, request)
        // Prometheus adds the series of a range in any order, so last digits change from time to time.
        for _ in 0..<20 where !parts.contains(where: { $0.ours != $0.theirs }) {
            parts = try await answers(request.expression.children, request)
        }
        guard mayBeEqualBefore || parts.contains(where: { $0.ours != $0.theirs }) else {
            return false
        }
        let largest = parts.flatMap(\.ours.magnitudes).max() ?? 0
        var failures = 0
        for power in stride(from: -32, through: 400, by: 4) {
            let unit = Double(sign: .plus, exponent: power, significand: 1)
            guard unit <= max(largest / 64, 1e-9) else { return false }
            let children = request.expression.children.map { $0.rounded(to: "\(unit)") }
            guard children != request.expression.children else { return false }
            parts = try await answers(children, request)
            guard parts.allSatisfy({ $0.ours == $0.theirs }) else { continue }
            // Once is chance: two values may be on either side of a limit.
            if try await agree(request.with(request.expression.with(children))) { return true }
            failures += 1
            if failures == 3 { return false }
        }
        return false
    }

    private func answers(
        _ parts: [FuzzExpression],
        _ request: FuzzRequest
    ) async throws -> [(ours: FuzzAnswer, theirs: FuzzAnswer)] {
        var answers: [(ours: FuzzAnswer, theirs: FuzzAnswer)] = []
        for part in parts where !part.isWord {
            // A matrix can be asked for at a moment only, and its points say what there is to say.
            let isMatrix = part.kind == .matrix
            if isMatrix, case .range = request.time {
                guard case .subquery(let inner, _, _, _) = part else { continue }
                answers.append(try await ask(request.with(inner)))
            } else {
                answers.append(try await ask(request.with(part)))
            }
        }
        return answers
    }
}
