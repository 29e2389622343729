// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// What the demonstration can break.
public enum DemoFault: String, Sendable, CaseIterable {
    /// Takes nearly every connection of a service's budget in PostgreSQL.
    case pool
    /// Opens a circuit breaker of the gateway.
    case breaker
    /// Makes the gateway answer slowly.
    case latency
    /// Produces messages that nobody consumes.
    case lag
    /// Freezes Redis: its port still accepts, and nothing answers.
    case redis

    /// The faults that a word of the command line means; nil where it means none.
    public static func named(_ word: String) -> [DemoFault]? {
        word == "all" ? allCases : DemoFault(rawValue: word).map { [$0] }
    }

    /// The alert that the fault brings about.
    var alert: String {
        switch self {
        case .pool: "DatabaseConnectionPoolExhausted"
        case .breaker: "CircuitBreakerOpen"
        case .latency: "HighLatency"
        case .lag: "KafkaConsumerLagGrowing"
        case .redis: "SourceDown"
        }
    }

    /// What undoes it, for the terminal.
    var repair: String {
        switch self {
        case .pool: "giving the connections back"
        case .breaker: "closing the breaker"
        case .latency: "answering in 0.02 s again"
        case .lag: "consuming all that was produced"
        case .redis: "thawing Redis (SIGCONT)"
        }
    }

    /// What is done, for the terminal.
    var action: String {
        switch self {
        case .pool: "taking 15 of the 16 connections that auth-service may open"
        case .breaker: "opening the gateway's breaker to content-service"
        case .latency: "slowing the gateway's requests to 0.8 s"
        case .lag: "producing to feed.events faster than feed-workers consume"
        case .redis: "freezing Redis (SIGSTOP)"
        }
    }
}
