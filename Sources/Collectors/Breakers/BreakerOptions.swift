// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import HTTPFetch

/// Where the circuit breakers of one service tell their states.
public struct BreakerOptions: Sendable, Equatable {
    /// The value of the label `endpoint`.
    public var name: String
    /// The address of the JSON document.
    public var url: String
    /// Header fields to send, such as a `Host` that an ingress asks for.
    public var headers: [HTTPHeader] = []
    /// Who we are.
    public var authorization = HTTPAuthorization.none
    /// How TLS is spoken.
    public var tls = HTTPTLSOptions()
    /// Which kind of document it is.
    public var format = BreakerFormat.auto
    /// Where things stand in a document of format `mapping`.
    public var mapping: BreakerMapping?
    /// When and how long.
    public var schedule = PollSchedule(interval: .seconds(15), timeout: .seconds(5))
    /// The most breakers that are taken; the rest is dropped and counted.
    public var maxBreakers = 500
    /// The most bytes of the document.
    public var maxBodyBytes = 1 << 20
    /// How long a breaker that left the document is shown as unknown.
    public var absence = Duration.seconds(600)

    /// Makes options with the defaults for the rest.
    public init(name: String, url: String) {
        self.name = name
        self.url = url
    }
}

/// The kinds of documents.
public enum BreakerFormat: String, Sendable, Hashable, CaseIterable {
    /// One of the next four, as the document looks.
    case auto
    /// `{"circuit_breakers": [{"service", "state", "healthy"}]}`.
    case nova
    /// Spring Boot's `/actuator/health`.
    case spring
    /// Resilience4j's `/actuator/circuitbreakers`.
    case resilience4j
    /// The status of opossum's breakers, by name.
    case opossum
    /// Anything, by a `BreakerMapping`.
    case mapping
}

/// Where the breakers stand in a document of one's own.
public struct BreakerMapping: Sendable, Hashable {
    /// The path of the list, such as `$.breakers`; of an object, its members are the breakers.
    public var list = "$"
    /// The path of the name in an element; empty takes the member's key.
    public var service = "service"
    /// The path of the state in an element.
    public var state = "state"
    /// The path of a truth in an element that says whether it is healthy; empty for none.
    public var healthy = ""
    /// The path of a count of failures since the start; empty for none.
    public var failures = ""
    /// States by the words of the document; other words are read as in the other formats.
    public var states: [String: BreakerState] = [:]

    /// Makes a mapping of the usual names.
    public init() {}
}

/// The states that a breaker can be in.
public enum BreakerState: String, Sendable, Hashable, CaseIterable {
    case closed
    case open
    case halfOpen = "half_open"
    case forcedOpen = "forced_open"
    case disabled
    case unknown

    /// Reads a word in any spelling that is known; metrics-only counts as disabled.
    public init(word: String) {
        let letters = word.lowercased().filter(\.isLetter)
        self =
            switch letters {
            case "closed", "circuitclosed": .closed
            case "open", "opened", "circuitopen": .open
            case "halfopen", "circuithalfopen": .halfOpen
            case "forcedopen", "forceopen", "isolated": .forcedOpen
            case "disabled", "metricsonly", "forceclosed", "forcedclosed": .disabled
            default: .unknown
            }
    }
}
