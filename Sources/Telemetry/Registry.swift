// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking
public import Samples

/// The daemon's own metrics: counters, gauges and histograms by name and labels.
///
/// A family is declared once; a series comes to life at its first use or by `touch`.
public final class Registry: Sendable {
    private struct Series {
        var value = 0.0
        var buckets: [UInt64] = []
        var count: UInt64 = 0
    }

    private struct Family {
        let kind: MetricKind
        let help: String
        let bounds: [Double]
        var series: [LabelSet: Series] = [:]
    }

    private let families = Lock<[String: Family]>([:])

    /// Makes an empty registry.
    public init() {}

    /// Declares a counter; its name ends in `_total`.
    public func counter(_ name: String, help: String) -> Counter {
        declare(name, Family(kind: .counter, help: help, bounds: []))
        return Counter(registry: self, name: name)
    }

    /// Declares a gauge.
    public func gauge(_ name: String, help: String) -> Gauge {
        declare(name, Family(kind: .gauge, help: help, bounds: []))
        return Gauge(registry: self, name: name)
    }

    /// Declares a histogram with these upper bounds, ascending and without infinity.
    public func histogram(
        _ name: String,
        help: String,
        bounds: [Double] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]
    ) -> Histogram {
        declare(name, Family(kind: .histogram, help: help, bounds: bounds))
        return Histogram(registry: self, name: name)
    }

    /// Takes a picture of all families, sorted by name.
    public func collect() -> [MetricFamily] {
        families.withLock { families in
            families.sorted { $0.key < $1.key }.map { name, family in
                var result = MetricFamily(name: name, kind: family.kind, help: family.help)
                for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                    if family.kind == .histogram {
                        render(series, bounds: family.bounds, labels: labels, into: &result)
                    } else {
                        result.add(series.value, labels)
                    }
                }
                return result
            }
        }
    }

    private func declare(_ name: String, _ family: Family) {
        families.withLock { families in
            if families[name] == nil { families[name] = family }
        }
    }

    fileprivate func update(_ name: String, _ labels: LabelSet, _ change: (inout Double) -> Void) {
        families.withLock { families in
            guard families[name] != nil else { return }
            change(
                &families[name, default: Family(kind: .unknown, help: "", bounds: [])].series[
                    labels,
                    default: Series()
                ].value
            )
        }
    }

    fileprivate func labelSets(_ name: String) -> [LabelSet] {
        families.withLock { families in families[name].map { Array($0.series.keys) } ?? [] }
    }

    fileprivate func remove(_ name: String, _ matches: (LabelSet) -> Bool) {
        families.withLock { families in
            guard let series = families[name]?.series else { return }
            families[name]?.series = series.filter { !matches($0.key) }
        }
    }

    fileprivate func observe(_ name: String, _ labels: LabelSet, _ value: Double) {
        families.withLock { families in
            guard let bounds = families[name]?.bounds else { return }
            var series = families[name]?.series[labels] ?? Series()
            if series.buckets.isEmpty { series.buckets = Array(repeating: 0, count: bounds.count) }
            if let bucket = bounds.firstIndex(where: { value <= $0 }) {
                series.buckets[bucket] += 1
            }
            series.count += 1
            series.value += value
            families[name]?.series[labels] = series
        }
    }

    private func render(
        _ series: Series,
        bounds: [Double],
        labels: LabelSet,
        into family: inout MetricFamily
    ) {
        func add(_ suffix: String, _ labels: LabelSet, _ value: Double) {
            let labels = labels.setting(.metricName, to: Symbol(family.name + suffix))
            family.samples.append(SeriesSample(labels: labels, value: value))
        }
        var total: UInt64 = 0
        for (bound, count) in zip(bounds, series.buckets) {
            total += count
            add("_bucket", labels.setting("le", to: "\(bound)"), Double(total))
        }
        add("_bucket", labels.setting("le", to: "+Inf"), Double(series.count))
        add("_sum", labels, series.value)
        add("_count", labels, Double(series.count))
    }
}

/// A number that only grows.
public struct Counter: Sendable {
    let registry: Registry
    let name: String

    /// Adds `amount`, which is not negative, to the series of `labels`; 0 brings it to life.
    public func add(_ amount: Double = 1, _ labels: LabelSet = .empty) {
        registry.update(name, labels) { $0 += amount }
    }
}

/// A number that goes up and down.
public struct Gauge: Sendable {
    let registry: Registry
    let name: String

    /// Sets the series of `labels`.
    public func set(_ value: Double, _ labels: LabelSet = .empty) {
        registry.update(name, labels) { $0 = value }
    }

    /// Adds to the series of `labels`.
    public func add(_ amount: Double, _ labels: LabelSet = .empty) {
        registry.update(name, labels) { $0 += amount }
    }

    /// The labels of its series, in no order.
    public var labelSets: [LabelSet] { registry.labelSets(name) }

    /// Ends the series whose labels `matches` names.
    public func remove(where matches: (LabelSet) -> Bool) { registry.remove(name, matches) }
}

/// Counts of observations by size.
public struct Histogram: Sendable {
    let registry: Registry
    let name: String

    /// Counts one observation in the series of `labels`.
    public func observe(_ value: Double, _ labels: LabelSet = .empty) {
        registry.observe(name, labels, value)
    }
}
