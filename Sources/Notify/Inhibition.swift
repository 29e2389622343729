// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Alerts
internal import Samples

/// Which firing alerts mute which.
///
/// Every source of an equal set counts, so that the end of one unmutes nothing while others fire.
struct Inhibition: Sendable {
    let rules: [InhibitRule]

    /// The sources that mute an alert; empty where it is not muted.
    ///
    /// An alert that is source and target of a rule is not muted by another such alert.
    func sources(muting target: LabelSet, among firing: [Alert]) -> [Alert] {
        var result: [Alert] = []
        for rule in rules where fulfils(target, rule.targetMatchers) {
            let isSourceToo = fulfils(target, rule.sourceMatchers)
            for source in firing
            where fulfils(source.labels, rule.sourceMatchers)
                && agree(source.labels, target, rule.equal)
                && !(isSourceToo && fulfils(source.labels, rule.targetMatchers))
            {
                result.append(source)
            }
        }
        return result
    }

    private func fulfils(_ labels: LabelSet, _ matchers: [Matcher]) -> Bool {
        matchers.allSatisfy { $0.matches(labels) }
    }

    private func agree(_ a: LabelSet, _ b: LabelSet, _ names: [String]) -> Bool {
        names.allSatisfy { a[$0] == b[$0] }
    }
}
