// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Notify
internal import Samples

extension NotificationReport {
    /// Makes the report of an attempt out of the notifier's.
    public init(_ attempt: NotificationAttempt) {
        self.init(
            deliveryID: attempt.deliveryID,
            receiver: attempt.receiver,
            integration: attempt.integration,
            group: attempt.groupKey,
            alerts: attempt.alerts.map { $0["alertname"] },
            attempt: attempt.attempt,
            time: attempt.time,
            duration: attempt.duration,
            statusCode: attempt.statusCode,
            error: attempt.error.isEmpty ? nil : attempt.error,
            outcome: attempt.outcome.rawValue
        )
    }
}
