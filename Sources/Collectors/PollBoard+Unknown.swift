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
            state.entries.values.filter { !$0.hasAnswered(at: time) }
        }
        return silent.contains { entry in
            if labels.belong(to: entry.target) { return true }
            guard entry.lastSuccess != nil else {
                return selectors.contains { selector in
                    let stored = history(selector)
                    // A crash may have lost a series that had begun right before it.
                    return stored.isEmpty
                        || stored.contains {
                            $0.belong(to: entry.target) && $0.agrees(with: labels)
                        }
                }
            }
            let last = entry.outcome?.failure == nil ? entry.outcome?.families ?? [] : entry.lost
            return last.contains { family in
                family.samples.contains { sample in
                    sample.labels.agrees(with: labels)
                        && selectors.contains { $0.allSatisfy { $0.matches(sample.labels) } }
                }
            }
        }
    }
}

extension PollBoard.Entry {
    /// Whether the poll that is the latest at a moment is over and succeeded.
    fileprivate func hasAnswered(at time: Timestamp) -> Bool {
        guard let slot, let outcome, outcome.failure == nil else { return false }
        return slot >= schedule.slot(atOrBefore: time)
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
