// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PromQLSyntax
internal import Samples
internal import Storage

/// Values as the test language writes them, for whoever wonders why an evaluation failed.
extension QueryValue {
    /// Past this many, lines are left out.
    private static var maxLines: Int { 40 }

    /// What kind of value it is.
    var kind: String {
        switch self {
        case .scalar: "a scalar"
        case .string: "a text"
        case .vector: "an instant vector"
        case .matrix: "series"
        }
    }

    /// A line a series, with a value or `_` a step.
    func lines(at steps: Steps) -> [String] {
        let rows: [String]
        switch self {
        case .scalar(let sample): rows = [goText(sample.value)]
        case .string(let text, _): rows = [quoted(text)]
        case .vector(let samples):
            rows = samples.map { "\($0.labels) \(goText($0.sample.value))" }
        case .matrix(let series): rows = series.map { line($0, steps) }
        }
        guard rows.count > Self.maxLines else { return rows }
        return rows.prefix(Self.maxLines) + ["(\(rows.count - Self.maxLines) more)"]
    }

    private func line(_ series: SeriesSamples, _ steps: Steps) -> String {
        var values = Array(repeating: "_", count: steps.count)
        var others: [String] = []
        for (time, value) in zip(series.times, series.values) {
            let (place, rest) = (time - steps.start).quotientAndRemainder(
                dividingBy: steps.interval
            )
            if rest == 0, values.indices.contains(Int(place)) {
                values[Int(place)] = goText(value)
            } else {
                others.append("\(goText(value)) at \(time) ms")
            }
        }
        let row = ([series.labels.description] + values).joined(separator: " ")
        return others.isEmpty ? row : row + ", and " + others.joined(separator: ", ")
    }
}

extension ScriptEvaluation.Expected {
    /// What is expected, in a few words.
    var description: String {
        switch self {
        case .scalar(let number): goText(number)
        case .string(let text): quoted(text)
        case .series(let series): series.isEmpty ? "nothing" : "\(series.count) series"
        }
    }
}

/// A value of a row as the test language writes it.
func shown(_ value: SeriesDescription.Value) -> String {
    switch value {
    case .omitted: "_"
    case .number(let number): number.isStalenessMarker ? "stale" : goText(number)
    case .histogram: "{{...}}"
    }
}
