// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Samples
public import Storage

/// How a target is shown to those who know Prometheus' targets.
public struct TargetDescription: Sendable, Hashable {
    /// What Prometheus calls the scrape pool: the job, or the kind of source.
    public var pool: String
    /// Where it is; without secrets.
    public var url: String
    /// The labels that tell its series from others'.
    public var labels: LabelSet
    /// What is known of it before relabelling.
    public var discoveredLabels: LabelSet

    /// Makes a description.
    public init(pool: String, url: String, labels: LabelSet, discoveredLabels: LabelSet) {
        self.pool = pool
        self.url = url
        self.labels = labels
        self.discoveredLabels = discoveredLabels
    }

    /// Describes a target of which nothing more is known than its kind and name.
    public init(_ target: TargetID) {
        let labels = LabelSet([("job", target.kind), ("instance", target.name)])
        self.init(
            pool: target.kind,
            url: "\(target.kind)://\(target.name)",
            labels: labels,
            discoveredLabels: labels
        )
    }
}
