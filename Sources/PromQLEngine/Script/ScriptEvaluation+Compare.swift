// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PromQLSyntax
internal import Samples
internal import Storage

extension ScriptEvaluation {
    /// What is wrong with an error, given its possible texts.
    func failureFault(_ messages: [String]) -> String? {
        guard let pattern = failure.first else { return "failed: \(messages[0])" }
        if messages.contains(where: pattern.matches) { return nil }
        return "expected another error than: \(messages[0])"
    }

    /// What is wrong with a result.
    func fault(in result: QueryResult, at steps: Steps) -> String? {
        guard failure.isEmpty else { return "expected an error, but none came" }
        return annotationFault("warning", warnings, allowsWarnings, result.warnings)
            ?? annotationFault("info", infos, allowsInfos, result.infos)
            ?? valueFault(in: result, at: steps)
    }

    private func annotationFault(
        _ kind: String,
        _ wanted: [Pattern],
        _ isAllowed: Bool,
        _ found: [String]
    ) -> String? {
        if !isAllowed, let first = found.first { return "unexpected \(kind): \(first)" }
        if wanted.isEmpty { return nil }
        if let other = found.first(where: { text in !wanted.contains { $0.matches(text) } }) {
            return "unexpected \(kind): \(other)"
        }
        for pattern in wanted where !found.contains(where: pattern.matches) {
            return "expected \(kind) \(pattern) did not come"
        }
        return nil
    }

    /// What is wrong with a value, and the whole of what came.
    func valueFault(in result: QueryResult, at steps: Steps) -> String? {
        comparison(result, steps).map { fault in
            let rows = result.value.lines(at: rangeVector ?? steps)
            return ([fault] + (rows.isEmpty ? [] : ["what came:"] + rows))
                .joined(separator: "\n    ")
        }
    }

    private func comparison(_ result: QueryResult, _ steps: Steps) -> String? {
        switch (result.value, expected) {
        case (.scalar(let sample), .scalar(let wanted)):
            return isClose(sample.value, wanted)
                ? nil : "expected \(goText(wanted))"
        case (.string(let text, _), .string(let wanted)):
            return text == wanted ? nil : "expected \(quoted(wanted))"
        case (.vector(let samples), .series(let wanted)):
            let rows = samples.map {
                SeriesSamples(
                    labels: $0.labels,
                    times: [$0.sample.time.milliseconds],
                    values: [$0.sample.value]
                )
            }
            return isOrdered ? orderFault(rows, wanted) : seriesFault(rows, wanted, steps)
        case (.matrix(let rows), .series(let wanted)):
            if let fault = sortFault(rows) { return fault }
            return seriesFault(rows, wanted, rangeVector ?? steps)
        default: return "expected \(expected.description), got \(result.value.kind)"
        }
    }

    private func orderFault(
        _ rows: [SeriesSamples],
        _ wanted: [SeriesDescription]
    ) -> String? {
        guard rows.map(\.labels) == wanted.map(\.labels) else {
            return "expected other series or another order"
        }
        for (row, series) in zip(rows, wanted) {
            if let fault = fault(row, series, .instant(row.times[0])) { return fault }
        }
        return nil
    }

    private func seriesFault(
        _ rows: [SeriesSamples],
        _ wanted: [SeriesDescription],
        _ steps: Steps
    ) -> String? {
        var left: [LabelSet: SeriesSamples] = [:]
        for row in rows where left.updateValue(row, forKey: row.labels) != nil {
            return "two series have the labels \(row.labels)"
        }
        for series in wanted {
            let row = left.removeValue(forKey: series.labels) ?? .init(labels: series.labels)
            if row.count == 0, series.values.allSatisfy({ $0 == .omitted }) { continue }
            guard row.count > 0 else { return "expected series \(series.labels), which lacks" }
            if let fault = fault(row, series, steps) { return fault }
        }
        if let extra = rows.first(where: { left[$0.labels] != nil }) {
            return "unexpected series \(extra.labels)"
        }
        return nil
    }

    private func fault(
        _ row: SeriesSamples,
        _ wanted: SeriesDescription,
        _ steps: Steps
    ) -> String? {
        var found: [Int64: Double] = [:]
        for (time, value) in zip(row.times, row.values) { found[time] = value }
        for (index, value) in wanted.values.enumerated() {
            let time = steps.time(index)
            let got = found.removeValue(forKey: time)
            switch (value, got) {
            case (.omitted, nil): continue
            case (.number(let number), let got?) where isClose(got, number): continue
            case (.histogram, _): return "native histograms are not evaluated"
            default:
                let text = got.map(goText) ?? "nothing"
                return "expected \(shown(value)) for \(row.labels) at \(time) ms, got \(text)"
            }
        }
        if let extra = found.min(by: { $0.key < $1.key }) {
            return "unexpected \(goText(extra.value)) for \(row.labels) at \(extra.key) ms"
        }
        return nil
    }

    private func isClose(_ a: Double, _ b: Double) -> Bool {
        if a.isStalenessMarker || b.isStalenessMarker {
            return a.isStalenessMarker && b.isStalenessMarker
        }
        return almostEqual(a, b, tolerance: 1e-6)
    }
}

/// What is wrong with the order of a matrix.
func sortFault(_ rows: [SeriesSamples]) -> String? {
    for (a, b) in zip(rows, rows.dropFirst()) where b.labels < a.labels {
        return "series \(b.labels) comes after \(a.labels)"
    }
    return nil
}
