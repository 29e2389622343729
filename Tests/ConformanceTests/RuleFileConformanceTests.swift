// SPDX-License-Identifier: Apache-2.0
// Nightjar
import EventIO
import Rules
import SourceText
import TestSupport
import Testing

private let ruleFiles = paths(matching: (conformanceFolder("rulefiles") ?? "/none") + "/*.yaml")
private let promtool = conformanceFolder("promtool")

/// Prometheus refuses this one under its older scheme of names only.
private let skipped = ["legacy_validation_annotation.bad.yaml"]

private func errors(_ path: String) throws -> [String] {
    let text = String(decoding: try contents(ofFile: path), as: UTF8.self)
    return RuleFile.parse(SourceFile(name: path, text: text)).diagnostics
        .filter { $0.severity == .error }.map(\.rendered)
}

@Suite(.enabled(if: promtool != nil, "shared/conformance is not beside the checkout"))
struct RuleFileConformanceTests {
    @Test(arguments: ruleFiles)
    func `a rule file is accepted or refused as its name says`(path: String) throws {
        guard !skipped.contains(where: { path.hasSuffix($0) }) else { return }
        let errors = try errors(path)
        #expect(errors.isEmpty == !path.hasSuffix(".bad.yaml"), "\(path): \(errors)")
    }

    /// The verdicts of `promtool check rules`.
    @Test(arguments: [
        ("at-modifier.yml", true), ("bad-rules-error.yml", true), ("negative-offset.yml", true),
        ("rules.yml", true), ("rules_duplicates.yml", true), ("bad-rules-syntax.yml", false),
        ("rules-bad.yml", false), ("rules_extrafields.yml", false),
    ])
    func `promtool's own rule files get promtool's verdicts`(name: String, isGood: Bool) throws {
        let errors = try errors(try #require(promtool) + "/" + name)
        #expect(errors.isEmpty == isGood, "\(name): \(errors)")
    }
}
