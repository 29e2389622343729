// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// Series as a staging environment has them, with values that move as theirs do.
///
/// Of a hundred series: 50 never change (limits, settings, states, idle histogram buckets), 8 change
/// rarely, 26 are counters with integer steps, 6 are integers that wander, 4 have three decimals, 4
/// are counters of seconds with two or more decimals, 2 are arbitrary doubles.
struct RealMix {
    let labels: [LabelSet]
    private(set) var values: [Double]
    private var random: SplitMix

    init(series count: Int) {
        labels = (0..<count).map(Self.labels)
        values = []
        random = SplitMix(state: 42)
        values = (0..<count).map { Self.start($0, &random) }
    }

    /// Goes to the next poll.
    mutating func step() {
        for place in values.indices { advance(place) }
    }

    /// What a target's poll hands over.
    func batch(at time: Timestamp) -> SampleBatch {
        var families: [MetricFamily] = []
        let size = 100
        for start in stride(from: 0, to: values.count, by: size) {
            let range = start..<min(start + size, values.count)
            let samples = range.map { SeriesSample(labels: labels[$0], value: values[$0]) }
            let name = labels[start].metricName
            families.append(MetricFamily(name: name, kind: .gauge, help: "", samples: samples))
        }
        return SampleBatch(time: time, families: families)
    }

    private static func labels(_ number: Int) -> LabelSet {
        LabelSet([
            ("__name__", "service_\(number / 100 % 200)_requests_processed_total"),
            ("cluster", "staging"), ("instance", "10.0.\(number / 20_000).7:9100"),
            ("job", "service-\(number / 1_000 % 20)"), ("method", methods[number % 4]),
            ("path", "/api/v1/resource/\(number / 4 % 25)"), ("region", "eu-central-1"),
        ])
    }

    private static func start(_ number: Int, _ random: inout SplitMix) -> Double {
        switch number % 100 {
        case 0..<50: number % 5 == 0 ? 0.75 : Double(random.below(1 << 20))
        case 50..<58: Double(random.below(4))
        case 58..<84: Double(random.below(1 << 30))
        case 84..<90: Double(random.below(200))
        case 90..<94: Double(random.below(1_000)) / 1_000
        case 94..<98: Double(random.below(1 << 24)) / 100
        default: random.unit()
        }
    }

    private mutating func advance(_ place: Int) {
        switch place % 100 {
        case 0..<50: break
        case 50..<58:
            if random.below(200) == 0 { values[place] = Double(random.below(4)) }
        case 58..<70: values[place] += Double(random.below(4))
        case 70..<80: values[place] += Double(90 + random.below(20))
        case 80..<84: values[place] += Double(90_000 + random.below(20_000))
        case 84..<90: values[place] = max(0, values[place] + Double(random.below(5)) - 2)
        case 90..<94:
            let moved = (values[place] * 1_000).rounded() + Double(random.below(21)) - 10
            values[place] = min(max(moved, 0), 1_000) / 1_000
        case 94..<96:
            values[place] = ((values[place] * 100).rounded() + Double(random.below(300))) / 100
        case 96..<98: values[place] += random.unit()
        default: values[place] = random.unit()
        }
    }
}

private let methods = ["GET", "POST", "PUT", "DELETE"]

/// Random numbers that are the same in each run.
///
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (SplitMix64).
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func below(_ limit: UInt64) -> UInt64 { next() >> 16 % limit }

    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
