// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Alerts
internal import CivilTime
internal import HTTPFetch
internal import Samples
internal import Secrets
internal import SourceText

extension WebhookOptions {
    /// The request of an attempt, signed where a key is set (Standard Webhooks 1.0.0).
    ///
    /// - Throws: where a secret cannot be read.
    func request(
        _ message: Message,
        _ attempt: Attempt
    ) throws -> HTTPFetchRequest {
        let body = message.webhookBody(maxAlerts: maxAlerts, externalURL: attempt.externalURL).bytes
        let address = try url.secret().reveal()
        var request = try http.post(body, to: address, id: message.deliveryID, attempt)
        if let signingSecret {
            let content = "\(message.deliveryID).\(attempt.unixSeconds)."
            let code = hmacSHA256(Array(content.utf8) + body, key: key(try signingSecret.secret()))
            request.headers.append(HTTPHeader("webhook-signature", "v1,\(base64(code))"))
        }
        return request
    }

    private func key(_ secret: Secret) -> [UInt8] {
        let text = secret.reveal()
        guard text.hasPrefix("whsec_"), let key = bytes(base64: String(text.dropFirst(6))) else {
            return Array(text.utf8)
        }
        return key
    }
}

extension Message {
    /// Alertmanager's version 4 body; what is ours stands inside `nightjar` alone.
    ///
    /// Source: Alertmanager, notify/webhook and template: `Data`.
    func webhookBody(maxAlerts: Int, externalURL: String) -> JSONValue {
        let told = maxAlerts > 0 ? Array(alerts.prefix(maxAlerts)) : alerts
        return .members([
            "version": .string("4"),
            "groupKey": .string(groupKey),
            "truncatedAlerts": .number(Double(alerts.count - told.count)),
            "status": .string(status),
            "receiver": .string(receiver),
            "notification_reason": .string(reason.rawValue),
            "groupLabels": .texts(groupLabels.pairs.map { (key: $0.name, value: $0.value) }),
            "commonLabels": .texts(commonLabels.pairs.map { (key: $0.name, value: $0.value) }),
            "commonAnnotations": .texts(commonAnnotations.map { (key: $0.key, value: $0.value) }),
            "externalURL": .string(externalURL),
            "alerts": .array(told.map(\.webhookForm)),
            "nightjar": .members([
                "delivery_id": .string(deliveryID),
                "created_at": .string(rfc3339(milliseconds: createdAt.milliseconds)),
                "alerts": .array(told.map(\.extraForm)),
            ]),
        ])
    }
}

extension Alert {
    fileprivate var webhookForm: JSONValue {
        .members([
            "status": .string(endsAt == nil ? "firing" : "resolved"),
            "labels": .texts(labels.pairs.map { (key: $0.name, value: $0.value) }),
            "annotations": .texts(annotations.map { (key: $0.key, value: $0.value) }),
            "startsAt": .string(rfc3339(milliseconds: startsAt.milliseconds)),
            "endsAt": .string(
                endsAt.map { rfc3339(milliseconds: $0.milliseconds) } ?? "0001-01-01T00:00:00Z"
            ),
            "generatorURL": .string(generatorURL),
            "fingerprint": .string(fingerprintText),
        ])
    }

    fileprivate var extraForm: JSONValue {
        .members([
            "fingerprint": .string(fingerprintText),
            "active_since": .string(rfc3339(milliseconds: activeAt.milliseconds)),
            "value": .finite(value),
            "value_at_start": .finite(firstValue),
            "expression": .filled(expression),
        ])
    }
}
