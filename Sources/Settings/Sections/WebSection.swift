// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import ConfigYAML
internal import HTTPServer
internal import Secrets

extension Settings.Web {
    /// Decodes the section `web`.
    init(_ mapping: MappingReader) {
        if let value = mapping.value("listen"), let text = value.string() {
            if let address = ListenAddress(text) {
                host = address.host
                port = address.port
            } else {
                value.error("'listen' must be HOST:PORT such as 127.0.0.1:9630, not '\(text)'")
            }
        }
        receivesRemoteWrite = mapping.bool(
            "remote_write_receiver",
            default: receivesRemoteWrite
        )
        externalURL = mapping.string("external_url").map { text in
            text.hasSuffix("/") ? String(text.dropLast()) : text
        }
        tls = mapping.mapping("tls", "tls of 'web'").flatMap { TLSOptions($0) }
        for (user, value) in mapping.entries("basic_auth_users") {
            guard let hash = value.string() else { continue }
            if isBcryptHash(hash) {
                users[user] = hash
            } else {
                value.error("the password of '\(user)' must be a bcrypt hash such as $2y$10$...")
            }
        }
        for line in mapping.fileText("bearer_tokens_file")?.split(separator: "\n") ?? []
        where !line.hasPrefix("#") {
            tokens.append(Secret(String(line)))
        }
        if mapping.has("bearer_tokens_file"), tokens.isEmpty {
            mapping.error(atKey: "bearer_tokens_file", "there is no token, one a line, in the file")
        }
        mapping.finish()
    }
}

extension TLSOptions {
    /// Decodes `tls` of the section `web`; nil where a file is missing or wrong, which is noted.
    init?(_ mapping: MappingReader) {
        for key in ["cert_file", "key_file"] where !mapping.has(key) {
            mapping.error("\(mapping.context) needs '\(key)'")
        }
        let certificate = mapping.fileText("cert_file")
        let key = mapping.fileText("key_file")
        let authority = mapping.fileText("client_ca_file")
        mapping.finish()
        guard let certificate, let key else { return nil }
        self.init(certificate: certificate, key: Secret(key), clientAuthority: authority)
        do throws(HTTPServerError) {
            _ = try TLSCredentials(self)
        } catch {
            mapping.error("\(error)")
            return nil
        }
    }
}

/// Whether a text has the form of a bcrypt hash: `$2y$10$` and 53 letters.
private func isBcryptHash(_ text: String) -> Bool {
    ["$2a$", "$2b$", "$2y$"].contains { text.hasPrefix($0) } && text.utf8.count == 60
}

/// An address to listen on, `HOST:PORT`; an IPv6 host stands in brackets.
public struct ListenAddress: Sendable, Hashable {
    /// The host; empty for all addresses.
    public let host: String
    /// The port; 0 takes a free one.
    public let port: Int

    /// Reads `HOST:PORT`; nil where it is something else.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        self.host = String(host)
        self.port = port
    }
}
