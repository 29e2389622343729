// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPFetch
internal import Secrets
internal import SourceText

extension WebhookOptions: Channel {
    static let word = "webhook"

    func expanded(by expand: (String?) async -> String?) async -> WebhookOptions { self }

    var record: JSONValue {
        .members([
            "send_resolved": .bool(sendResolved),
            "url": url.record,
            "max_alerts": .number(Double(maxAlerts)),
            "signing_secret": signingSecret?.record,
            "timeout": timeout.map(JSONValue.length),
            "http": http.record,
        ])
    }

    init?(record: JSONValue) {
        guard let url = Credential(record: record["url"]) else { return nil }
        self.init(url: url)
        sendResolved = record["send_resolved"]?.bool ?? true
        maxAlerts = Int(record["max_alerts"]?.number ?? 0)
        signingSecret = Credential(record: record["signing_secret"])
        timeout = record["timeout"]?.length
        http = HTTPOptions(record: record["http"])
    }
}
