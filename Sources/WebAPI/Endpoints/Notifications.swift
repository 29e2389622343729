// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import Samples
internal import SourceText

/// `/api/nightjar/notifications`: every attempt to deliver, the newest first.
func answerNotifications(_ web: WebRequest) async throws -> HTTPResponse {
    let limit = try web.limit()
    let all = await web.context.notifications()
    var json = JSONWriter()
    json.object { json in
        json.key("notifications")
        json.array(limit > 0 ? all.prefix(limit) : all[...]) { $0.notification($1) }
    }
    return .json(200, json)
}

extension JSONWriter {
    fileprivate mutating func notification(_ attempt: NotificationReport) {
        object { json in
            json.field("delivery_id", attempt.deliveryID)
            json.field("receiver", attempt.receiver)
            json.field("integration", attempt.integration)
            json.field("group", attempt.group)
            json.key("alerts")
            json.array(attempt.alerts) { $0.string($1) }
            json.field("attempt", attempt.attempt)
            json.field("time", TimeText.text(of: attempt.time))
            json.field("duration_seconds", attempt.duration.inSeconds)
            if let code = attempt.statusCode { json.field("status_code", code) }
            if let error = attempt.error { json.field("error", error) }
            json.field("outcome", attempt.outcome)
        }
    }
}
