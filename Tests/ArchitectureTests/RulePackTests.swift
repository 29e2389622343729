// SPDX-License-Identifier: Apache-2.0
// Nightjar
import EventIO
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
            #expect(texts.contains("| humanize") || texts.contains("error budget"), "\(rule.name)")
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
            "RuleEvaluationFailing", "NotificationsFailing", "Watchdog",
        ]
        #expect(documented.subtracting(names) == [])
        #expect(Set(names).count == names.count)
    }
}
