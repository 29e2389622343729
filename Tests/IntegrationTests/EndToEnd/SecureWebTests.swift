// SPDX-License-Identifier: Apache-2.0
// Nightjar
import EventIO
import TestSupport
import Testing

/// The daemon's own port with TLS and authentication, asked by curl.
@Suite(.timeLimit(.minutes(1))) struct SecureWebTests {
    /// The bcrypt hash of `secret`, at cost 4 so that the test is quick.
    private static let hash = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"

    /// Makes a certificate for 127.0.0.1 with its key.
    private func certify(_ deployment: Deployment) throws {
        let words = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-days", "2", "-subj", "/CN=nightjar", "-addext",
            "subjectAltName=IP:127.0.0.1", "-keyout", deployment.directory.file("web.key"),
            "-out", deployment.directory.file("web.crt"),
        ]
        #expect(try ServerProcess.run(words) == 0)
    }

    /// The status of the answer, or how curl failed: `000 60` is a certificate it does not trust.
    private func ask(
        _ deployment: Deployment,
        _ url: String,
        authority: String = "web.crt",
        _ words: String...
    ) async throws -> String {
        let output = deployment.directory.file("status")
        try deployment.write("status", "")
        let common = [
            "curl", "-s", "-o", "/dev/null", "--cacert", deployment.directory.file(authority),
            "-w", "%{http_code} %{exitcode}",
        ]
        // On a queue of its own: the pool's threads make the answer.
        _ = try await BlockingQueue(label: "curl").run {
            try ServerProcess.run(common + words + [url], logFile: output)
        }
        return String(decoding: bytesOfFile(output), as: UTF8.self)
    }

    @Test func `the port asks for credentials, and a new certificate is taken by a reload`()
        async throws
    {
        let deployment = try Deployment(
            """
            web:
              listen: "127.0.0.1:0"
              tls: {cert_file: web.crt, key_file: web.key}
              basic_auth_users: {grafana: "\(Self.hash)"}
              bearer_tokens_file: tokens
            storage: {path: ":memory:"}
            """,
            ["tokens": "abc\n"]
        )
        try certify(deployment)
        try await deployment.run { address in
            #expect(address.hasPrefix("https://127.0.0.1:"))
            let page = address + "/metrics"
            #expect(try await ask(deployment, page) == "401 0")
            #expect(try await ask(deployment, page, "-u", "grafana:wrong") == "401 0")
            #expect(try await ask(deployment, page, "-u", "grafana:secret") == "200 0")
            try deployment.write(
                "old.crt",
                String(
                    decoding: bytesOfFile(deployment.directory.file("web.crt")),
                    as: UTF8.self
                )
            )
            try certify(deployment)
            try deployment.write("tokens", "xyz\n")
            let reload = address + "/-/reload"
            let old = try await ask(
                deployment,
                reload,
                authority: "old.crt",
                "-X",
                "POST",
                "-H",
                "Authorization: Bearer abc"
            )
            #expect(old == "200 0")
            let token = "Authorization: Bearer xyz"
            #expect(try await ask(deployment, page, "-H", token) == "200 0")
            #expect(try await ask(deployment, page, "-H", "Authorization: Bearer abc") == "401 0")
            let distrusted = try await ask(deployment, page, authority: "old.crt", "-H", token)
            #expect(distrusted == "000 60")
        }
    }
}
