import Samples

// SPDX-License-Identifier: Apache-2.0
// Nightjar
@testable import Collectors

/// A slot that starts now.
func slot(timeout: Duration = .seconds(5), second: Int64 = 1_000) -> PollSlot {
    PollSlot(time: Timestamp(milliseconds: second * 1_000), deadline: .now + timeout)
}

extension PollOutcome {
    /// The value of the series that has these labels among its own; nil where none or many have.
    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        let found = families.flatMap(\.samples).filter { sample in
            sample.labels.metricName == name
                && labels.allSatisfy { sample.labels[$0.key] == $0.value }
        }
        return found.count == 1 ? found[0].value : nil
    }

    /// The reasons of the parts that failed, by the parts' names.
    var failedParts: [String: FailureReason] {
        var result: [String: FailureReason] = [:]
        for part in parts { result[part.name] = part.failure?.reason }
        return result
    }
}
