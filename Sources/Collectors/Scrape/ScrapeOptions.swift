// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import HTTPFetch
public import Samples

/// One job of `scrape_configs`: targets that are asked in the same way.
///
/// Names and defaults are Prometheus'.
public struct ScrapeOptions: Sendable, Equatable {
    /// The value of the label `job`.
    public var job: String
    /// The targets.
    public var targets: [ScrapeTarget] = []
    /// The path of the page.
    public var metricsPath = "/metrics"
    /// `http` or `https`.
    public var scheme = "http"
    /// The parameters of the query, in order.
    public var params: [ScrapeParameter] = []
    /// Whether the page's labels count where a target has the same.
    public var honorLabels = false
    /// Whether times on the page count.
    public var honorTimestamps = true
    /// Who we are.
    public var authorization = HTTPAuthorization.none
    /// More header fields.
    public var headers: [HTTPHeader] = []
    /// How TLS is spoken.
    public var tls = HTTPTLSOptions()
    /// Whether redirects are followed.
    public var followRedirects = true
    /// The most samples of a page, above which the scrape fails; 0 for any number.
    public var sampleLimit = 0
    /// The most bytes of a page, above which the scrape fails; 0 for the daemon's own 64 MiB.
    public var bodySizeLimit = 0
    /// When and how long.
    public var schedule = PollSchedule(interval: .seconds(15), timeout: .seconds(10))
    /// What is done to the samples' labels.
    public var metricRelabeling: [RelabelRule] = []

    /// Whether a counter that the scrape before had not counts from zero at that scrape.
    ///
    /// Prometheus does not, so that is how it is unless it is asked for.
    public var countersBeginAtZero = false

    /// Makes a job of these targets, with Prometheus' defaults for the rest.
    public init(job: String, targets: [ScrapeTarget] = []) {
        self.job = job
        self.targets = targets
    }
}

/// One parameter of the query that a target is asked with.
public struct ScrapeParameter: Sendable, Hashable {
    /// The name.
    public var name: String
    /// The value.
    public var value: String

    /// Makes a parameter.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// One address of a job.
public struct ScrapeTarget: Sendable, Hashable {
    /// `HOST:PORT`, which is also the label `instance` where `labels` has none.
    public var address: String
    /// The labels that its series get.
    public var labels: LabelSet

    /// Makes a target.
    public init(_ address: String, labels: LabelSet = .empty) {
        self.address = address
        self.labels = labels
    }
}
