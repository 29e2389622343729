// SPDX-License-Identifier: Apache-2.0
// Nightjar
import HTTPFetch
import Secrets
import TestSupport
import Testing

@Suite struct HTTPClientTests {
    private let client = HTTPClient()

    private func send(
        _ request: HTTPFetchRequest,
        within time: Duration = .seconds(10)
    ) async throws(HTTPFetchError) -> HTTPFetchResponse {
        try await client.send(request, before: .now + time)
    }

    @Test func `an answer has status, headers and body, also when it is an error`() async throws {
        let server = CannedServer { _ in .body(503, "broken", type: "application/json") }
        let response = try await send(HTTPFetchRequest(url: server.url))
        #expect(response.status == 503)
        #expect(response.text == "broken")
        #expect(response.header("content-type") == "application/json")
        #expect(!response.isSuccess)
        #expect(response.phases.total > 0)
    }

    @Test func `a request carries its method, its body, its headers and who sends it`() async throws
    {
        let server = CannedServer { .body(200, $0) }
        var request = HTTPFetchRequest(url: server.url, method: "PUT")
        request.headers = [HTTPHeader("Host", "api.nova.local"), HTTPHeader("X-Bad", "a\r\nY: b")]
        request.body = Array("hello".utf8)
        request.authorization = .basic(user: "u", password: Secret("p"))
        let echo = try await send(request).text
        #expect(echo.hasPrefix("PUT / HTTP/1.1\r\n"))
        #expect(echo.contains("\r\nHost: api.nova.local\r\n"))
        #expect(echo.contains("\r\nAuthorization: Basic dTpw\r\n"))
        #expect(echo.contains("\r\nContent-Length: 5\r\n"))
        #expect(!echo.contains("X-Bad"))
        request.authorization = .bearer(Secret("t"))
        #expect(try await send(request).text.contains("\r\nAuthorization: Bearer t\r\n"))
    }

    @Test func `a port without a listener is refused, a name without an address is dns`() async {
        let port = freePort()
        let refused = await #expect(throws: HTTPFetchError.self) {
            try await send(HTTPFetchRequest(url: "http://127.0.0.1:\(port)/?token=x"))
        }
        #expect(refused?.reason == .refused)
        #expect(refused?.message.contains("token=***") == true)
        let unknown = await #expect(throws: HTTPFetchError.self) {
            try await send(HTTPFetchRequest(url: "http://no-such-name.invalid/"))
        }
        #expect(unknown?.reason == .dns)
    }

    @Test func `a silent server costs its deadline, and a cancelled request ends`() async {
        let server = CannedServer { _ in .silence }
        let late = await #expect(throws: HTTPFetchError.self) {
            try await send(HTTPFetchRequest(url: server.url), within: .milliseconds(100))
        }
        #expect(late?.reason == .timeout)
        let request = HTTPFetchRequest(url: server.url)
        let task = Task { try await client.send(request, before: .now + .seconds(100)) }
        task.cancel()
        let result = await task.result
        #expect(throws: HTTPFetchError.self) { try result.get() }
    }

    @Test func `a body over the limit and a broken answer have their reasons`() async {
        let large = CannedServer { _ in .body(200, String(repeating: "x", count: 1_000)) }
        var request = HTTPFetchRequest(url: large.url)
        request.maxBodyBytes = 999
        let tooLarge = await #expect(throws: HTTPFetchError.self) { try await send(request) }
        #expect(tooLarge?.reason == .tooLarge)
        let empty = CannedServer { _ in .raw("") }
        let reset = await #expect(throws: HTTPFetchError.self) {
            try await send(HTTPFetchRequest(url: empty.url))
        }
        #expect(reset?.reason == .reset)
        let strange = CannedServer { _ in .raw("HTTP/1.1 banana\r\n\r\n") }
        let noAnswer = await #expect(throws: HTTPFetchError.self) {
            try await send(HTTPFetchRequest(url: strange.url))
        }
        #expect(noAnswer?.reason == .protocolError)
        #expect(noAnswer?.isRetriable == true)
        let plain = CannedServer { _ in .body(200, "") }
        let tls = await #expect(throws: HTTPFetchError.self) {
            try await send(HTTPFetchRequest(url: "https://127.0.0.1:\(plain.port)/"))
        }
        #expect(tls?.reason == .tls)
        let file = await #expect(throws: HTTPFetchError.self) {
            try await send(HTTPFetchRequest(url: "file:///etc/passwd"))
        }
        #expect(file?.reason == .badRequest)
    }

    @Test func `redirects are followed only where they are allowed`() async throws {
        let server = CannedServer { request in
            request.hasPrefix("GET /end")
                ? .body(200, "end")
                : .raw("HTTP/1.1 302 Found\r\nLocation: /end\r\nConnection: close\r\n\r\n")
        }
        var request = HTTPFetchRequest(url: server.url)
        #expect(try await send(request).status == 302)
        request.maxRedirects = 3
        let response = try await send(request)
        #expect(response.text == "end")
        #expect(response.redirects == 1)
    }
}
