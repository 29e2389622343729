// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import ConfigYAML

extension Settings {
    /// What stands in place of a secret, in Prometheus' word.
    private static let hidden = "<secret>"

    /// Keys whose texts are secrets, in small letters; an address with a key in its path is one, too.
    private static let secretKeys: Set = [
        "password", "secret", "token", "tokens", "bearer_token", "credentials", "routing_key",
        "service_key", "api_key", "api_url", "slack_api_url", "app_token", "bot_token",
        "signing_secret", "webhook_url", "smtp_auth_password", "smtp_auth_secret", "pass",
        "client_secret", "access_key", "secret_key", "authorization", "x-api-key",
    ]

    /// The configuration without what it keeps secret; `${...}` stays as it is written.
    static func shown(_ root: YAMLNode) -> String {
        root.yaml { keys, text in
            if text.hasPrefix("${") && text.hasSuffix("}") { return text }
            let isSecret =
                secretKeys.contains(keys.last?.lowercased() ?? "")
                || keys.contains("basic_auth_users")
                || (keys.last == "url" && keys.contains("webhook_configs"))
            return isSecret ? hidden : withoutPassword(text)
        }
    }

    /// Hides the password of an address, `scheme://user:password@host`, and of libpq's keywords.
    private static func withoutPassword(_ text: String) -> String {
        var result = text
        if let scheme = result.firstRange(of: "://") {
            let rest = result[scheme.upperBound...]
            let authority = rest.prefix { !"/?#".contains($0) }
            if let at = authority.lastIndex(of: "@"),
                let colon = authority[..<at].firstIndex(of: ":")
            {
                result.replaceSubrange(result.index(after: colon)..<at, with: hidden)
            }
        }
        for name in ["password=", "sslpassword="] {
            guard let found = result.firstRange(of: name) else { continue }
            let rest = result[found.upperBound...]
            let end = rest.firstIndex { " &".contains($0) } ?? rest.endIndex
            result.replaceSubrange(found.upperBound..<end, with: hidden)
        }
        return result
    }
}
