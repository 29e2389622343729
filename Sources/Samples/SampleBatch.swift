// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// What kind of measurement a metric is; the words are OpenMetrics'.
public enum MetricKind: String, Sendable, Hashable, CaseIterable {
    case unknown
    case counter
    case gauge
    case histogram
    case gaugehistogram
    case summary
    case info
    case stateset
}

/// One series' value inside a family.
public struct SeriesSample: Sendable, Hashable {
    /// The series, with `__name__`.
    public var labels: LabelSet
    /// The value.
    public var value: Double
    /// Its own time where the source gave one; else the batch's counts.
    public var time: Timestamp?

    /// Makes a value of a series.
    public init(labels: LabelSet, value: Double, time: Timestamp? = nil) {
        self.labels = labels
        self.value = value
        self.time = time
    }
}

/// A metric with all its samples of one moment.
///
/// `name` is the family's name; of a histogram the samples are named `name_bucket`, `name_sum` and
/// `name_count`, of a counter `name` itself, with its `_total` where it has one.
public struct MetricFamily: Sendable, Hashable {
    /// The family's name, as in the `# TYPE` line of the text format 0.0.4.
    public var name: String
    /// What it measures.
    public var kind: MetricKind
    /// One line for people.
    public var help: String
    /// The unit, empty where none is declared.
    public var unit: String
    /// The samples, those of one series next to each other.
    public var samples: [SeriesSample]

    /// Makes a family.
    public init(
        name: String,
        kind: MetricKind,
        help: String,
        unit: String = "",
        samples: [SeriesSample] = []
    ) {
        self.name = name
        self.kind = kind
        self.help = help
        self.unit = unit
        self.samples = samples
    }

    /// Adds a sample named like the family; `labels` come without `__name__`.
    public mutating func add(_ value: Double, _ labels: LabelSet = .empty) {
        let labels = labels.setting(.metricName, to: Symbol(name))
        samples.append(SeriesSample(labels: labels, value: value))
    }
}

/// Everything one poll of one target said, handed over at once.
public struct SampleBatch: Sendable, Hashable {
    /// The moment of the poll's slot; it counts for each sample without a time of its own.
    public var time: Timestamp
    /// The metrics.
    public var families: [MetricFamily]

    /// Makes a batch.
    public init(time: Timestamp, families: [MetricFamily] = []) {
        self.time = time
        self.families = families
    }

    /// How many samples it carries.
    public var sampleCount: Int { families.reduce(0) { $0 + $1.samples.count } }
}
