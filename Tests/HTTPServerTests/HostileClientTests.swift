// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import HTTPServer
internal import Testing

/// What clients send that nobody should; after each the server still answers others.
@Suite(.timeLimit(.minutes(1)))
struct HostileClientTests {
    @Test func `a giant header is refused`() async throws {
        try await withServer { server in
            let header = "X: " + String(repeating: "a", count: 80_000)
            let text = await answer(server, "GET / HTTP/1.1\r\nHost: x\r\n\(header)\r\n\r\n")
            #expect(!text.contains("reached"))
            #expect(text.isEmpty || text.statusLine.hasPrefix("HTTP/1.1 4"))
        }
    }

    @Test func `many headers are refused once they fill the connection's memory`() async throws {
        try await withServer { server in
            let headers = (0..<9_000).map { "X-\($0): y\r\n" }.joined()
            let text = await answer(server, "GET / HTTP/1.1\r\nHost: x\r\n\(headers)\r\n")
            #expect(!text.contains("reached"))
        }
    }

    @Test func `an endless request line is refused`() async throws {
        try await withServer { server in
            let target = "/" + String(repeating: "a", count: 80_000)
            let text = await answer(server, "GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(!text.contains("reached"))
            #expect(text.isEmpty || text.statusLine.hasPrefix("HTTP/1.1 4"))
        }
    }

    @Test(arguments: [
        "zz\r\nabc\r\n0\r\n\r\n", "-1\r\nabc\r\n0\r\n\r\n", "5;\r\nabcdeX\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\nabc\r\n", "3\r\nabcdef\r\n0\r\n\r\n",
    ])
    func `a broken chunk never reaches the handler`(_ body: String) async throws {
        try await withServer { server in
            let head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            let text = await answer(server, head + body)
            #expect(!text.contains("reached"))
        }
    }

    @Test(arguments: ["-1", "1x", "99999999999999999999", "0x10", ""])
    func `a length that is none never reaches the handler with a body`(
        _ length: String
    ) async throws {
        try await withServer { server in
            let client = RawClient(port: server.port)
            client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\n\r\nabc")
            client.hangUp()
            let text = await client.readText()
            #expect(!text.contains("200 OK") || length.isEmpty)
        }
    }

    @Test(arguments: [
        "nonsense\r\n\r\n", "\r\n\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        "\u{0}\u{1}\u{2}\u{3}\r\n\r\n", "GET / HTTP/1.1\r\n: empty\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}\u{3}\u{3}",
    ])
    func `garbage ends its own connection only`(_ text: String) async throws {
        try await withServer { server in
            let client = RawClient(port: server.port)
            client.send(text)
            client.hangUp()
            #expect(!(await client.readText()).contains("\r\n200"))
        }
    }

    @Test func `HEAD has the length of the answer and no body`() async throws {
        try await withServer { server in
            let text = await answer(
                server,
                "HEAD /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            )
            #expect(text.statusLine == "HTTP/1.1 200 OK")
            #expect(text.contains("Content-Length: 15"))
            #expect(text.content == "")
        }
    }

    @Test(arguments: [
        ("/../../etc/passwd", "/../../etc/passwd"), ("/%2e%2e/%2Fetc", "/..//etc"),
        ("/a%00b", "/a\u{0}b"), ("/%zz%1", "/%zz%1"), ("/%C3%A9", "/é"), ("/a+b", "/a+b"),
        ("//x", "//x"), ("/%ff", "/\u{fffd}"),
    ])
    func `a path is decoded once and never resolved`(
        _ target: String,
        _ path: String
    ) async throws {
        try await withServer { server in
            let text = await RawClient.get(target, port: server.port)
            #expect(text.content == "reached GET " + path)
        }
    }

    @Test func `a client that closes its sending side still gets a quick answer`() async throws {
        try await withServer { server in
            let client = RawClient(port: server.port)
            client.send("GET /half HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            client.endSending()
            #expect(await client.readText().contains("reached GET /half"))
        }
    }

    @Test func `slow clients do not keep others from their answers`() async throws {
        var options = HTTPServerOptions.standard
        options.headerDeadline = .seconds(20)
        try await withServer(options) { server in
            let slow = (0..<100).map { _ in RawClient(port: server.port) }
            for client in slow { client.send("GET / HTTP/1.1\r\nX-Slow: a") }
            for number in 0..<20 {
                let text = await RawClient.get("/\(number)", port: server.port)
                #expect(text.contains("reached GET /\(number)"))
            }
            for client in slow { client.hangUp() }
        }
    }

    @Test func `a client that does not read is cut off at the deadline`() async throws {
        var options = HTTPServerOptions.standard
        options.writeDeadline = .milliseconds(100)
        let large = ResponseBuffer([UInt8](repeating: 120, count: 64 << 20))
        let handler: HTTPServer.Handler = { request in
            request.path == "/large"
                ? HTTPResponse(200, body: .buffer(large))
                : .text(200, "reached GET \(request.path)")
        }
        try await withServer(options, handler: handler) { server in
            let client = RawClient(port: server.port)
            client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
            for _ in 0..<500 where server.activeRequests == 0 {
                try await Task.sleep(for: .milliseconds(10))
            }
            for _ in 0..<500 where server.openConnections > 0 {
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(server.openConnections == 0)
        }
    }

    @Test func `one address may be kept to a number of connections`() async throws {
        var options = HTTPServerOptions.standard
        options.perAddressLimit = 3
        try await withServer(options) { server in
            let clients = (0..<8).map { _ in RawClient(port: server.port) }
            for client in clients {
                client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            }
            var answered = 0
            for client in clients where await client.readText().contains("reached") {
                answered += 1
            }
            #expect((1...8).contains(answered))
            for _ in 0..<500 where server.openConnections > 0 {
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }
}
