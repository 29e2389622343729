// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import HTTPServer
internal import Secrets
internal import TestSupport
internal import Testing

@Suite(.enabled(if: hasTools, "openssl or curl is not installed"), .timeLimit(.minutes(1)))
struct TLSTests {
    private let folder = TemporaryDirectory()

    /// Makes a certificate for 127.0.0.1 under a name, and returns its PEM texts.
    private func certificate(_ name: String) throws -> TLSOptions {
        let paths = (certificate: folder.file(name + ".crt"), key: folder.file(name + ".key"))
        let status = try ServerProcess.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-days", "2", "-subj", "/CN=" + name, "-addext",
            "subjectAltName=IP:127.0.0.1", "-keyout", paths.key, "-out", paths.certificate,
        ])
        #expect(status == 0)
        return TLSOptions(
            certificate: String(decoding: try contents(ofFile: paths.certificate), as: UTF8.self),
            key: Secret(String(decoding: try contents(ofFile: paths.key), as: UTF8.self))
        )
    }

    /// curl's exit status; 60 is a certificate that it does not trust.
    private func curl(_ port: Int, _ words: [String]) async throws -> Int32 {
        let url = "https://127.0.0.1:\(port)/"
        return try await BlockingQueue(label: "curl").run {
            try ServerProcess.run(["curl", "-s", "-f", "-m", "10"] + words + [url])
        }
    }

    @Test func `a new certificate is taken without a restart, and a broken one refused`()
        async throws
    {
        var options = HTTPServerOptions.standard
        let first = try certificate("first")
        let second = try certificate("second")
        options.tls = first
        let server = try HTTPServer(host: "127.0.0.1", port: 0, options: options) { _ in
            .text(200, "ok")
        }
        let trustFirst = ["--cacert", folder.file("first.crt")]
        let trustSecond = ["--cacert", folder.file("second.crt")]
        #expect(try await curl(server.port, trustFirst) == 0)
        #expect(try await curl(server.port, trustSecond) == 60)
        #expect(throws: HTTPServerError.self) {
            try TLSCredentials(TLSOptions(certificate: "broken", key: second.key))
        }
        server.reload(try TLSCredentials(second))
        #expect(try await curl(server.port, trustSecond) == 0)
        #expect(try await curl(server.port, trustFirst) == 60)
        #expect(try await curl(server.port, trustSecond + ["--tls-max", "1.1"]) != 0)
        await server.stop(grace: .zero)
    }

    @Test func `a client without a certificate is refused where one is required`() async throws {
        var options = HTTPServerOptions.standard
        options.tls = try certificate("server")
        let client = try certificate("client")
        _ = try certificate("stranger")
        options.tls?.clientAuthority = client.certificate
        options.tls?.clientCertificate = .required
        let server = try HTTPServer(host: "127.0.0.1", port: 0, options: options) { request in
            .text(request.clientName == "client" ? 200 : 403, "")
        }
        func identity(_ name: String) -> [String] {
            ["--cert", folder.file(name + ".crt"), "--key", folder.file(name + ".key")]
        }
        let trust = ["--cacert", folder.file("server.crt")]
        #expect(try await curl(server.port, trust + identity("client")) == 0)
        #expect(try await curl(server.port, trust + identity("stranger")) != 0)
        #expect(try await curl(server.port, trust) != 0)
        await server.stop(grace: .zero)
    }
}

private let hasTools: Bool =
    (try? ServerProcess.run(["sh", "-c", "command -v openssl && command -v curl"])) == 0
