// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A question for series, label names or label values.
///
/// Without times both engines must say the same. With times Prometheus looks at whole chunks and, for
/// labels, at whole blocks, so it may say more; what must be said is known from the samples themselves.
struct FuzzSeriesQuestion: Sendable {
    private enum Kind: Sendable {
        case series
        case names
        case values(String)
    }

    private let kind: Kind
    private let matchers: [String]
    private let range: ClosedRange<Int64>?

    init(_ random: inout SeededRandom, _ data: FuzzData) {
        kind =
            switch random.int(0...9) {
            case 0..<4: .series
            case 4..<7: .names
            default: .values(random.pick(FuzzData.labelKeys))
            }
        var generator = FuzzGenerator(random)
        var matchers = (0..<random.int(0...2)).map { _ in generator.plainSelector() }
        // Never all: the engines have series of their own.
        if matchers.isEmpty { matchers = ["{\(FuzzData.anyMetric)}"] }
        self.matchers = matchers
        guard random.has(chance: 60) else {
            range = nil
            return
        }
        let start = FuzzData.startMs + Int64(random.int(-300...2_500)) * 1_000 + 500
        range = start...start + Int64(random.int(0...1_200)) * 1_000
    }

    var path: String { path(kind, range) }

    /// Asks for all series that the matchers find, whenever they are.
    var unboundedSeriesPath: String {
        // The other kinds may have no matcher, which finds all.
        let all = matchers.isEmpty ? ["{__name__!=\"\"}"] : matchers
        return "/api/v1/series?"
            + all.map { "match[]=" + FuzzRequest.encoded($0) }
            .joined(separator: "&")
    }

    private func path(_ kind: Kind, _ range: ClosedRange<Int64>?) -> String {
        var parts = matchers.map { "match[]=" + FuzzRequest.encoded($0) }
        if let range {
            parts.append("start=" + FuzzRequest.seconds(range.lowerBound))
            parts.append("end=" + FuzzRequest.seconds(range.upperBound))
        }
        let query = parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
        return switch kind {
        case .series: "/api/v1/series" + query
        case .names: "/api/v1/labels" + query
        case .values(let name): "/api/v1/label/\(name)/values" + query
        }
    }

    /// What is wrong with our answer, or Prometheus' odd; nil where nothing is.
    func fault(
        ours: Set<String>,
        theirs: Set<String>,
        matching known: Set<String>,
        in data: FuzzData
    ) -> String? {
        if ours.contains(where: \.isFailure) || theirs.contains(where: \.isFailure) {
            let (mine, other) = (ours.map(FuzzErrorText.init), theirs.map(FuzzErrorText.init))
            return mine == other ? nil : "fails as \(mine), not \(other)"
        }
        let found = data.series.filter { known.contains($0.key.description) }
        let expected = texts(found.filter { $0.spans(range) })
        if let first = ours.symmetricDifference(expected).min() {
            return "\(ours.contains(first) ? "only Nightjar has" : "Nightjar lacks") \(first)"
        }
        let certain = texts(found.filter { $0.hasSample(in: range) })
        if let first = certain.subtracting(theirs).min() { return "Prometheus lacks \(first)" }
        if range == nil, let first = theirs.subtracting(ours).min() {
            return "only Prometheus has \(first)"
        }
        return nil
    }

    private func texts(_ series: [FuzzSeries]) -> Set<String> {
        switch kind {
        case .series: Set(series.map(\.key.description))
        case .names: Set(series.flatMap(\.key.pairs.keys))
        case .values(let name): Set(series.compactMap { $0.key.pairs[name] })
        }
    }
}

extension FuzzSeries {
    /// The labels as an answer has them.
    var key: FuzzLabels { FuzzLabels(Dictionary(labels) { _, last in last }) }

    /// Whether a range meets the time from the first sample to the last.
    fileprivate func spans(_ range: ClosedRange<Int64>?) -> Bool {
        guard let range, let first = samples.first?.time, let last = samples.last?.time else {
            return !samples.isEmpty
        }
        return range.overlaps(first...last)
    }

    fileprivate func hasSample(in range: ClosedRange<Int64>?) -> Bool {
        samples.contains { range?.contains($0.time) ?? true }
    }
}

extension String {
    /// Whether it is an error among the items of a list.
    fileprivate var isFailure: Bool { hasPrefix(FuzzPeers.failurePrefix) }
}
