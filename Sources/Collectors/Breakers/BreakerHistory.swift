// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// What one endpoint's breakers did, as far as polls have seen it.
struct BreakerHistory {
    private struct Transition: Hashable {
        let from: BreakerState
        let to: BreakerState
    }

    private struct Past {
        var state: BreakerState
        var since: Timestamp
        var lastSeen: Timestamp
        var transitions: [Transition: Double]
        var windowFailures: Double?
        var failures: Double?
    }

    /// The usual ways, which count from 0 so that a first time shows as an increase.
    private static let usual = [
        Transition(from: .closed, to: .open), Transition(from: .open, to: .halfOpen),
        Transition(from: .halfOpen, to: .closed), Transition(from: .halfOpen, to: .open),
    ]

    private let endpoint: String
    private let absence: Duration
    private var pasts: [String: Past] = [:]

    init(endpoint: String, absence: Duration) {
        self.endpoint = endpoint
        self.absence = absence
    }

    /// Takes what a poll at `time` said and returns the metrics.
    mutating func take(_ readings: [BreakerReading], at time: Timestamp) -> [MetricFamily] {
        for reading in readings { remember(reading, at: time) }
        let named = Set(readings.map(\.service))
        for (service, past) in pasts where !named.contains(service) {
            if time - past.lastSeen > absence {
                pasts[service] = nil
            } else {
                // It left the document: its state is not known, and that is no transition.
                if past.state != .unknown { pasts[service]?.since = time }
                pasts[service]?.state = .unknown
            }
        }
        return families(readings, at: time)
    }

    private mutating func remember(_ reading: BreakerReading, at time: Timestamp) {
        var past =
            pasts[reading.service]
            ?? Past(state: reading.state, since: time, lastSeen: time, transitions: [:])
        for way in Self.usual where past.transitions[way] == nil { past.transitions[way] = 0 }
        if past.state != reading.state {
            past.transitions[Transition(from: past.state, to: reading.state), default: 0] += 1
            past.state = reading.state
            past.since = time
        }
        past.lastSeen = time
        if let failures = reading.failures {
            past.failures = failures
        } else if let now = reading.windowFailures {
            // A window forgets; each growth is a failure seen, so the sum is a lower bound.
            past.failures = (past.failures ?? 0) + max(0, now - (past.windowFailures ?? now))
            past.windowFailures = now
        }
        pasts[reading.service] = past
    }

    private func families(_ readings: [BreakerReading], at time: Timestamp) -> [MetricFamily] {
        var state = MetricFamily(
            name: "circuit_breaker_state",
            kind: .gauge,
            help: "Whether the breaker is in this state."
        )
        var seconds = MetricFamily(
            name: "circuit_breaker_state_seconds",
            kind: .gauge,
            help: "Time since the poll that first saw the present state.",
            unit: "seconds"
        )
        var transitions = MetricFamily(
            name: "circuit_breaker_transitions_total",
            kind: .counter,
            help: "Changes of state seen from poll to poll."
        )
        var failures = MetricFamily(
            name: "circuit_breaker_failures_total",
            kind: .counter,
            help: "Failed calls, as the endpoint counts them or as its window was seen to grow."
        )
        for (service, past) in pasts.sorted(by: { $0.key < $1.key }) {
            let labels = labels(service)
            for each in BreakerState.allCases {
                state.add(each == past.state ? 1 : 0, labels.setting("state", to: each.rawValue))
            }
            seconds.add((time - past.since).inSeconds, labels)
            for (way, count) in past.transitions {
                let ends = labels.setting("from", to: way.from.rawValue)
                transitions.add(count, ends.setting("to", to: way.to.rawValue))
            }
            if let count = past.failures { failures.add(count, labels) }
        }
        return ([state, seconds, transitions, failures] + gauges(readings))
            .filter { !$0.samples.isEmpty }
    }

    private func labels(_ service: String) -> LabelSet {
        ["endpoint": endpoint, "service": service]
    }

    private func gauges(_ readings: [BreakerReading]) -> [MetricFamily] {
        func family(
            _ name: String,
            _ help: String,
            _ value: (BreakerReading) -> Double?
        ) -> MetricFamily {
            var family = MetricFamily(name: "circuit_breaker_\(name)", kind: .gauge, help: help)
            for reading in readings {
                if let value = value(reading) { family.add(value, labels(reading.service)) }
            }
            return family
        }
        return [
            family("healthy", "Whether the endpoint calls the breaker healthy.") {
                $0.isHealthy ? 1 : 0
            },
            family("window_failures", "Failed calls in the breaker's window.") {
                $0.windowFailures
            },
            family("window_calls", "Calls in the breaker's window.") { $0.bufferedCalls },
            family("window_refused_calls", "Calls that the breaker refused.") {
                $0.notPermittedCalls
            },
            family("failure_ratio", "Share of failed calls in the breaker's window.") {
                $0.failureRatio
            },
            family("slow_call_ratio", "Share of slow calls in the breaker's window.") {
                $0.slowCallRatio
            },
        ]
    }
}
