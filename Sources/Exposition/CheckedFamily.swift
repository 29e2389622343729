// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// One family while its lines come, held against the rules of its type.
struct CheckedFamily {
    let name: String
    private var kind: MetricKind?
    private var unit: String?
    private var hasHelp = false
    private var hasSamples = false
    private var group: [String]?
    private var seenGroups: Set<[String]> = []
    private var seenSeries: Set<[String]> = []
    private var last: StrictSample?
    private var buckets = CheckedBuckets()

    init(name: String) { self.name = name }

    private var type: MetricKind { kind ?? .unknown }

    /// The endings of this type's samples.
    private var endings: [String] {
        switch type {
        case .counter: ["_total", "_created"]
        case .histogram: ["_bucket", "_sum", "_count", "_created"]
        case .gaugehistogram: ["_bucket", "_gsum", "_gcount"]
        case .summary: ["", "_sum", "_count", "_created"]
        case .info: ["_info"]
        case .gauge, .stateset, .unknown: [""]
        }
    }

    /// The names of the samples that may stand here.
    var sampleNames: Set<String> { Set(endings.map { name + $0 }) }

    func owns(_ sample: String) -> Bool { endings.contains { name + $0 == sample } }

    mutating func declare(_ keyword: String, _ text: String) throws(LineFault) {
        guard !hasSamples else { throw LineFault("metadata of \(name) after its samples") }
        switch keyword {
        case "TYPE":
            guard kind == nil else { throw LineFault("a second # TYPE of \(name)") }
            guard let known = MetricKind(rawValue: text) else {
                throw LineFault("unknown type '\(text)'")
            }
            kind = known
        case "UNIT":
            guard unit == nil else { throw LineFault("a second # UNIT of \(name)") }
            guard text.isEmpty || name.hasSuffix("_" + text) else {
                throw LineFault("\(name) does not end in its unit '\(text)'")
            }
            unit = text
        case "HELP":
            guard !hasHelp else { throw LineFault("a second # HELP of \(name)") }
            hasHelp = true
        default: throw LineFault("unknown keyword '\(keyword)'")
        }
        if let unit, !unit.isEmpty, type == .info || type == .stateset {
            throw LineFault("\(type.rawValue) \(name) has a unit")
        }
    }

    mutating func take(_ sample: StrictSample) throws(LineFault) {
        hasSamples = true
        let ending = String(sample.name.dropFirst(name.count))
        try checkLabels(sample, ending)
        try checkValue(sample, ending)
        try checkGroup(sample)
        if type == .histogram || type == .gaugehistogram { try buckets.take(sample, ending) }
        last = sample
    }

    mutating func close() throws(LineFault) { try buckets.close() }

    private func label(_ name: String, of sample: StrictSample) -> String? {
        sample.labels.first { $0.name == name }?.value
    }

    private func checkLabels(_ sample: StrictSample, _ ending: String) throws(LineFault) {
        if ending == "_bucket" {
            guard let text = label("le", of: sample), let bound = exactNumber(text), !bound.isNaN,
                bound != .infinity || text == "+Inf"
            else { throw LineFault("a bucket's le is missing or not a number") }
        }
        if type == .summary, ending.isEmpty {
            guard let text = label("quantile", of: sample), let quantile = exactNumber(text),
                (0...1).contains(quantile)
            else { throw LineFault("a quantile is missing or not within 0 and 1") }
        }
        if type == .stateset, label(name, of: sample) == nil {
            throw LineFault("a state set's sample lacks label \(name)")
        }
    }

    private func checkValue(_ sample: StrictSample, _ ending: String) throws(LineFault) {
        let value = sample.value
        let counting = ["_total", "_sum", "_count", "_bucket", "_gcount"].contains(ending)
        if counting || ending == "_gsum", value.isNaN {
            throw LineFault("\(sample.name) is NaN")
        }
        if counting, value < 0 { throw LineFault("\(sample.name) is negative") }
        if ["_count", "_bucket", "_gcount"].contains(ending), value != value.rounded() {
            throw LineFault("\(sample.name) is not a whole number")
        }
        if type == .info, value != 1 { throw LineFault("an info is not 1") }
        if type == .stateset, value != 0, value != 1 { throw LineFault("a state is not 0 or 1") }
        if type == .summary, ending.isEmpty, value < 0 {
            throw LineFault("a quantile's value is negative")
        }
        guard !sample.hasExemplar || ending == "_total" || ending == "_bucket" else {
            throw LineFault("an exemplar where none may be")
        }
    }

    /// Samples of one metric stand together, and their times do not go back.
    private mutating func checkGroup(_ sample: StrictSample) throws(LineFault) {
        let inner =
            switch type {
            case .histogram, .gaugehistogram: "le"
            case .summary: "quantile"
            case .stateset: name
            default: ""
            }
        let labels = sample.labels.sorted { $0.name < $1.name }
        let key = labels.filter { $0.name != inner }.flatMap { [$0.name, $0.value] }
        if key != group {
            try buckets.close()
            buckets = CheckedBuckets()
            guard seenGroups.insert(key).inserted else {
                throw LineFault("samples of one metric do not stand together")
            }
            group = key
            last = nil
        }
        if let last, last.name == sample.name {
            guard (last.time == nil) == (sample.time == nil) else {
                throw LineFault("samples with and without a time")
            }
            if let before = last.time, let now = sample.time, now < before {
                throw LineFault("the time goes back")
            }
        }
        let series = [sample.name] + labels.flatMap { [$0.name, $0.value] }
        guard sample.time != nil || seenSeries.insert(series).inserted else {
            throw LineFault("a second sample of one series")
        }
    }
}

/// The buckets, count and sum of one histogram.
struct CheckedBuckets {
    private var bound: Double?
    private var value = 0.0
    private var hasNegativeBound = false
    private var count: Double?
    private var sum: Double?
    private var isGauge = false
    private var time: Double?

    mutating func take(_ sample: StrictSample, _ ending: String) throws(LineFault) {
        if sample.time != time {
            try close()
            self = CheckedBuckets()
            time = sample.time
        }
        switch ending {
        case "_bucket":
            let text = sample.labels.first { $0.name == "le" }?.value ?? ""
            let next = exactNumber(text) ?? .nan
            if let bound, next <= bound { throw LineFault("buckets are out of order") }
            if bound != nil, sample.value < value { throw LineFault("buckets do not add up") }
            bound = next
            value = sample.value
            hasNegativeBound = hasNegativeBound || next < 0
        case "_count", "_gcount":
            count = sample.value
            isGauge = ending == "_gcount"
        case "_sum", "_gsum":
            sum = sample.value
            isGauge = ending == "_gsum"
        default: break
        }
    }

    func close() throws(LineFault) {
        guard bound != nil || count != nil || sum != nil else { return }
        guard let bound, bound == .infinity else {
            throw LineFault("the bucket of +Inf is missing")
        }
        guard (count == nil) == (sum == nil) else {
            throw LineFault("of count and sum one is missing")
        }
        if let count, count != value { throw LineFault("count differs from the bucket of +Inf") }
        if hasNegativeBound, sum != nil, !isGauge {
            throw LineFault("a histogram with negative buckets has a sum")
        }
    }
}
