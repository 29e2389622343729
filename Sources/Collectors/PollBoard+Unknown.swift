// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking
public import Samples
internal import Storage

extension PollBoard {
    /// Whether some source that would have to be asked whether an alert still holds did not answer.
    ///
    /// It did not where its poll of `time` failed, or has not ended. It would have to be asked where
    /// its own label is among `labels`, or where one of its series, as they were when it answered
    /// last, satisfies one of `selectors` and agrees with `labels` in all names that both have. Of a
    /// source that has not answered since the start, those are the series in storage; where there are
    /// none of any source, nobody knows whose they were.
    public func isUnknown(
        _ labels: LabelSet,
        selectedBy selectors: [[Matcher]],
        at time: Timestamp
    ) -> Bool {
        let silent = state.withLock { state in
            state.entries.values.filter { !$0.hasAnswered(at: time) || $0.outcome?.isWhole != true }
        }
        return silent.contains { entry in
            if !entry.hasAnswered(at: time), labels.belong(to: entry.target) { return true }
            if entry.hasBeenWhole || !entry.lost.isEmpty {
                return entry.lastKnown(at: time).contains { family in
                    family.samples.contains { sample in
                        sample.labels.agrees(with: labels)
                            && selectors.contains { $0.allSatisfy { $0.matches(sample.labels) } }
                    }
                }
            }
            let said = entry.said(at: time)
            return selectors.contains { selector in
                let stored = history(selector)
                // A crash may have lost a series that had begun right before it.
                return stored.isEmpty
                    || stored.contains {
                        $0.belong(to: entry.target) && $0.agrees(with: labels)
                            && !said.contains($0["__name__"])
                    }
            }
        }
    }
}

extension PollBoard.Entry {
    /// Notes what a poll says no longer though one before it did, and nobody knows why.
    mutating func note(_ new: PollOutcome) {
        defer { hasBeenWhole = hasBeenWhole || new.isWhole }
        guard !new.isWhole else {
            lost = []
            return
        }
        let said = Set(new.families.map(\.name))
        let before = outcome?.families ?? []
        let names = Set(before.map(\.name))
        lost = (before + lost.filter { !names.contains($0.name) })
            .filter { !said.contains($0.name) }
    }

    /// Whether the poll that is the latest at a moment is over and succeeded, but for parts of it.
    fileprivate func hasAnswered(at time: Timestamp) -> Bool {
        guard let slot, let outcome, outcome.failure == nil else { return false }
        return slot >= schedule.slot(atOrBefore: time)
    }

    /// What is known of the target only from polls before that of a moment.
    fileprivate func lastKnown(at time: Timestamp) -> [MetricFamily] {
        hasAnswered(at: time) ? lost : lost + (outcome?.families ?? [])
    }

    /// The names of the families that the poll of a moment gave.
    fileprivate func said(at time: Timestamp) -> Set<String> {
        hasAnswered(at: time) ? Set(outcome?.families.map(\.name) ?? []) : []
    }
}

extension TargetID {
    /// The labels that all series of the target carry.
    fileprivate var ownMatchers: [Matcher] {
        switch kind {
        case "postgres", "redis": return [Matcher("server", equals: name)]
        case "breakers": return [Matcher("endpoint", equals: name)]
        case "kafka": return [Matcher("cluster", equals: name)]
        default:
            // `JOB/INSTANCE`: an instance has no slash, a job may.
            guard kind == "scrape", let slash = name.lastIndex(of: "/") else { return [] }
            return [
                Matcher("job", equals: String(name[..<slash])),
                Matcher("instance", equals: String(name[name.index(after: slash)...])),
            ]
        }
    }
}

extension LabelSet {
    /// Whether a series with these labels comes from a target.
    fileprivate func belong(to target: TargetID) -> Bool {
        let own = target.ownMatchers
        return !own.isEmpty && own.allSatisfy { $0.matches(self) }
    }

    /// Whether an alert with `labels` may come of a series with these: where both have a name, the
    /// values are equal.
    fileprivate func agrees(with labels: LabelSet) -> Bool {
        pairs.allSatisfy { name, value in
            let other = labels[name]
            return name == "__name__" || other.isEmpty || other == value
        }
    }
}
