// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import SourceText

/// What a document says about one breaker.
struct BreakerReading: Sendable, Hashable {
    var service: String
    var state: BreakerState
    var isHealthy: Bool
    /// Failures since the breaker's start.
    var failures: Double?
    /// Failures in the breaker's own window, which grows and shrinks.
    var windowFailures: Double?
    /// Share of failed calls, 0 to 1; nil while there are too few calls.
    var failureRatio: Double?
    /// Share of slow calls, 0 to 1; nil while there are too few calls.
    var slowCallRatio: Double?
    /// Calls in the breaker's window.
    var bufferedCalls: Double?
    /// Calls refused while it is open.
    var notPermittedCalls: Double?

    init(service: String, state: BreakerState, isHealthy: Bool? = nil) {
        self.service = service
        self.state = state
        self.isHealthy = isHealthy ?? (state == .closed)
    }
}

/// Reads the breakers out of a document; nil where it is not of that format.
///
/// Source: the formats' recorded answers; Resilience4j's `CircuitBreakerEndpoint` and health
/// indicator, opossum's `status`.
func breakerReadings(
    in document: JSONValue,
    format: BreakerFormat,
    mapping: BreakerMapping?
) -> [BreakerReading]? {
    switch format {
    case .nova: novaReadings(document)
    case .spring: springReadings(document)
    case .resilience4j: resilienceReadings(document)
    case .opossum: opossumReadings(document)
    case .mapping: mappedReadings(document, mapping ?? BreakerMapping())
    case .auto:
        novaReadings(document) ?? springReadings(document) ?? resilienceReadings(document)
            ?? opossumReadings(document)
    }
}

private func novaReadings(_ document: JSONValue) -> [BreakerReading]? {
    guard let list = document["circuit_breakers"]?.array else { return nil }
    return list.compactMap { element in
        guard let service = (element["service"] ?? element["name"])?.string else { return nil }
        let state = BreakerState(word: element["state"]?.string ?? "")
        var reading = BreakerReading(
            service: service,
            state: state,
            isHealthy: element["healthy"]?.bool
        )
        let counts = ["failures_total", "failure_count", "failures"]
        reading.failures = counts.lazy.compactMap { element[$0]?.number }.first
        return reading
    }
}

private func springReadings(_ document: JSONValue) -> [BreakerReading]? {
    // Spring Boot before 2.2 says `details` where later ones say `components`.
    let parts = document["components"] ?? document["details"]
    let list = parts?["circuitBreakers"] ?? (document["components"] == nil ? document : nil)
    guard let details = list?["details"]?.members ?? list?["components"]?.members else {
        return nil
    }
    let breakers = details.filter { $0.value["details"]?["state"]?.string != nil }
    // An empty health document has no breakers; one without any is not ours to judge.
    guard !breakers.isEmpty || parts?["circuitBreakers"] != nil else { return nil }
    return breakers.map { breakerReading($0.key, $0.value["details"] ?? .null) }
}

private func resilienceReadings(_ document: JSONValue) -> [BreakerReading]? {
    guard let members = document["circuitBreakers"]?.members else { return nil }
    return members.map { breakerReading($0.key, $0.value) }
}

/// A breaker as Resilience4j writes it, with percentages as texts and -1 for "too few calls".
private func breakerReading(_ service: String, _ value: JSONValue) -> BreakerReading {
    func ratio(_ key: String) -> Double? {
        let number: Double? =
            switch value[key] {
            case .number(let number): number
            case .string(let text): Double(text.filter { $0 != "%" })
            default: nil
            }
        return number.flatMap { $0 < 0 ? nil : $0 / 100 }
    }
    let state = BreakerState(word: value["state"]?.string ?? "")
    var reading = BreakerReading(service: service, state: state)
    reading.windowFailures = value["failedCalls"]?.number
    reading.failureRatio = ratio("failureRate")
    reading.slowCallRatio = ratio("slowCallRate")
    reading.bufferedCalls = value["bufferedCalls"]?.number
    reading.notPermittedCalls = value["notPermittedCalls"]?.number
    return reading
}

private func opossumReadings(_ document: JSONValue) -> [BreakerReading]? {
    guard let members = document.members, !members.isEmpty,
        members.allSatisfy({ $0.value["state"]?["closed"]?.bool != nil })
    else { return nil }
    return members.map { member in
        let flags = member.value["state"] ?? .null
        func isSet(_ key: String) -> Bool { flags[key]?.bool == true }
        let state: BreakerState =
            flags["enabled"]?.bool == false || isSet("shutdown")
            ? .disabled
            : isSet("halfOpen")
                ? .halfOpen : isSet("open") ? .open : isSet("closed") ? .closed : .unknown
        let service = flags["name"]?.string ?? member.key
        var reading = BreakerReading(service: service, state: state)
        reading.windowFailures = member.value["status"]?["failures"]?.number
        reading.bufferedCalls = member.value["status"]?["fires"]?.number
        reading.notPermittedCalls = member.value["status"]?["rejects"]?.number
        return reading
    }
}

private func mappedReadings(_ document: JSONValue, _ mapping: BreakerMapping) -> [BreakerReading]? {
    guard let list = document.value(at: mapping.list) else { return nil }
    let elements: [(String, JSONValue)]
    switch list {
    case .array(let items): elements = items.enumerated().map { ("\($0)", $1) }
    case .object(let members): elements = members.map { ($0.key, $0.value) }
    default: return nil
    }
    return elements.compactMap { key, element in
        let name = mapping.service.isEmpty ? nil : element.value(at: mapping.service)?.string
        guard let service = mapping.service.isEmpty ? key : name else { return nil }
        let word = element.value(at: mapping.state)?.word ?? ""
        var reading = BreakerReading(
            service: service,
            state: mapping.states[word] ?? BreakerState(word: word),
            isHealthy: mapping.healthy.isEmpty ? nil : element.value(at: mapping.healthy)?.bool
        )
        if !mapping.failures.isEmpty {
            reading.failures = element.value(at: mapping.failures)?.number
        }
        return reading
    }
}

extension JSONValue {
    /// The value at a path such as `$.a.b[0].c`; `$` is the value itself.
    func value(at path: String) -> JSONValue? {
        var value: JSONValue? = self
        for part in path.split(whereSeparator: { ".[]".contains($0) })
        where part != "$" && part != "*" {
            value = value?[String(part)] ?? Int(part).flatMap { value?[$0] }
        }
        return value
    }

    /// A scalar as a word: a state may be a text, a number or a truth.
    fileprivate var word: String? {
        switch self {
        case .string(let text): text
        case .number(let number):
            number == number.rounded()
                ? Int(exactly: number).map { "\($0)" } ?? "\(number)" : "\(number)"
        case .bool(let bool): "\(bool)"
        default: nil
        }
    }
}
