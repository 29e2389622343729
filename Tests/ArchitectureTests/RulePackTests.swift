// SPDX-License-Identifier: Apache-2.0
// Nightjar
import EventIO
import PromQLSyntax
import Rules
import SourceText
import TestSupport
import Testing

private let packs = paths(matching: repositoryRoot + "/rules/*.rules.yml")

/// Reads a pack; its faults are reported by the test that asks for it.
private func parse(_ path: String) throws -> (file: RuleFile?, diagnostics: [Diagnostic]) {
    let text = String(decoding: try contents(ofFile: path), as: UTF8.self)
    return RuleFile.parse(SourceFile(name: path, text: text))
}

/// Alerts on a state: their value is 1 or 0 and tells nothing.
private let withoutNumber: Set = [
    "CircuitBreakerOpen", "CircuitBreakerHalfOpen", "SourceDown", "StorageFailed", "RegionDown",
    "Watchdog", "ConfigReloadFailed",
]

struct RulePackTests {
    @Test(arguments: packs)
    func `a pack parses, and each of its alerts tells what a reader needs`(path: String) throws {
        let (file, diagnostics) = try parse(path)
        #expect(diagnostics.map(\.rendered) == [])
        let rules = file?.groups.flatMap(\.rules) ?? []
        #expect(!rules.isEmpty)
        for rule in rules where rule.kind == .alerting {
            let names = rule.annotations.map(\.name)
            let wanted = ["description", "first_step", "impact", "runbook_url", "summary"]
            #expect(names == wanted, "\(rule.name)")
            #expect(rule.annotations.allSatisfy { !$0.text.isEmpty }, "\(rule.name)")
            let texts = rule.annotations.map(\.text).joined()
            let isNumeric = !withoutNumber.contains(rule.name)
            #expect(texts.contains("$value | humanize") == isNumeric, "\(rule.name)")
            #expect(rule.labels.map(\.name).contains("severity"), "\(rule.name)")
        }
    }

    @Test func `the packs have every alert of the documents`() throws {
        let names = try packs.flatMap { try parse($0).file?.groups ?? [] }
            .flatMap(\.rules).map(\.name)
        let documented: Set = [
            "DatabaseConnectionPoolExhausted", "DatabaseConnectionAcquisitionSlow",
            "DatabaseConnectionErrors", "HighErrorRate", "CircuitBreakerOpen", "HighLatency",
            "CircuitBreakerHalfOpen", "PostgresConnectionsOverpromised", "GrpcLatencyHigh",
            "DatabaseQueriesSlow", "RedisOperationsSlow", "RedisCacheHitRateLow",
            "RateLimitRejections", "SubscriptionQueueFilling", "SubscriptionQueueNearlyFull",
            "SubscriptionQueueOverflowing", "KafkaConsumerLagGrowing", "KafkaConsumerStopped",
            "OutboxQueueGrowing", "ProjectorLagHigh", "RegionDown", "RegionSlow",
            "CertificateExpiresSoon", "AvailabilityBurnFast", "AvailabilityBurnSlow", "SourceDown",
            "RuleEvaluationFailing", "NotificationsFailing", "Watchdog", "RuleGroupStalled",
            "StorageFailed", "StorageSetAside", "ConfigReloadFailed",
        ]
        #expect(documented.subtracting(names) == [])
        #expect(Set(names).count == names.count)
    }

    @Test(arguments: packs)
    func `a pack asks for known metrics only`(path: String) throws {
        for rule in try parse(path).file?.groups.flatMap(\.rules) ?? [] {
            let selectors = rule.expression.selectors
            for name in selectors.map({ $0.name ?? "" }) {
                #expect(MetricCatalogue.standard.hasSeries(name), "\(rule.name): \(name)")
            }
        }
    }

    @Test(arguments: packs)
    func `each alert of a pack has a unit test, in which it fires`(path: String) throws {
        let name = path.split(separator: "/").last?.split(separator: ".").first ?? ""
        let tests = repositoryRoot + "/rules/tests/\(name).test.yml"
        let text = String(decoding: try contents(ofFile: tests), as: UTF8.self)
        let cases = text.split(separator: "  - name: ").dropFirst()
        let firing = cases.filter { $0.contains("exp_labels:") || $0.contains("exp_annotations:") }
        let tested = Set(firing.map { String($0.prefix { $0 != "\n" }) })
        let rules = try parse(path).file?.groups.flatMap(\.rules) ?? []
        for rule in rules where rule.kind == .alerting {
            #expect(tested.contains(rule.name))
        }
    }

    @Test(.enabled(if: isInstalled("promtool"), "promtool is not installed"), arguments: packs)
    func `the unit tests of a pack pass in promtool`(path: String) throws {
        let name = path.split(separator: "/").last?.split(separator: ".").first ?? ""
        let tests = repositoryRoot + "/rules/tests/\(name).test.yml"
        let folder = TemporaryDirectory()
        let log = folder.file("log")
        let status = try ServerProcess.run(["promtool", "test", "rules", tests], logFile: log)
        let said = String(decoding: try contents(ofFile: log), as: UTF8.self)
        #expect(status == 0, "\(said)")
    }
}
