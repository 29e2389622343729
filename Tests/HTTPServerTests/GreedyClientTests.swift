// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import Testing

/// Clients that take more than their part, or another's; after each the server still answers others.
@Suite(.timeLimit(.minutes(1)))
struct GreedyClientTests {
    @Test(arguments: [
        "Content-Length: 0\r\nTransfer-Encoding: chunked", "Content-Length: 5\r\nContent-Length: 0",
        "Content-Length: 0, 5", "Content-Length : 5", "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity", "Transfer-Encoding: identity",
        "Transfer-Encoding : chunked", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding: \u{b}chunked", "Content-Length: +5", "X: y\r\n Content-Length: 5",
        "Content-Length: 0\r\n\tTransfer-Encoding: chunked",
    ])
    func `no request is smuggled in another's body`(_ lines: String) async throws {
        try await withServer { server in
            let smuggled = "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            let text = await answer(
                server,
                "POST / HTTP/1.1\r\nHost: x\r\n\(lines)\r\n\r\n" + smuggled
            )
            #expect(!text.contains("/smuggled"), "\(text)")
        }
    }

    @Test func `a thousand requests sent at once are answered in order`() async throws {
        try await withServer { server in
            let requests = (0..<1_000).map { number in
                "GET /\(number) HTTP/1.1\r\nHost: x\r\n\(number == 999 ? "Connection: close\r\n" : "")\r\n"
            }
            let text = await answer(server, requests.joined())
            let places = text.split(separator: "reached GET /").dropFirst().map {
                $0.prefix { $0.isNumber }
            }
            #expect(places == (0..<1_000).map { Substring("\($0)") })
        }
    }

    @Test func `a body that trickles is cut off at its deadline, and counted`() async throws {
        let incidents = Incidents()
        var options = HTTPServerOptions.standard
        options.bodyDeadline = .milliseconds(300)
        try await withServer(options, noticed: incidents.note) { server in
            let client = RawClient(port: server.port)
            client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
            let isCut = await soon {
                client.send("a")
                return incidents.count(.slowBody) > 0
            }
            #expect(isCut)
            #expect(await soon { server.openConnections == 0 })
            #expect(incidents.count(.slowBody) == 1)
        }
    }

    @Test func `answers that nobody reads are cut off once they fill the memory`() async throws {
        let incidents = Incidents()
        var options = HTTPServerOptions.standard
        options.answerMemory = 100 << 20
        let handler: HTTPServer.Handler = { request in
            request.path == "/large"
                ? HTTPResponse(200, body: .bytes([UInt8](repeating: 120, count: 32 << 20)))
                : .text(200, "reached GET \(request.path)")
        }
        try await withServer(options, noticed: incidents.note, handler: handler) { server in
            let clients = (0..<8).map { _ in RawClient(port: server.port) }
            for client in clients { client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n") }
            #expect(
                await soon { incidents.count(.slowReader) >= 5 && server.openConnections <= 3 }
            )
            #expect(incidents.count(.slowReader) == 5)
            for client in clients { client.hangUp() }
        }
    }

    @Test func `a buffer that is shared counts once`() async throws {
        let incidents = Incidents()
        var options = HTTPServerOptions.standard
        options.answerMemory = 40 << 20
        let page = ResponseBuffer([UInt8](repeating: 120, count: 32 << 20))
        let handler: HTTPServer.Handler = { request in
            request.path == "/page"
                ? HTTPResponse(200, body: .buffer(page)) : .text(200, "reached GET \(request.path)")
        }
        try await withServer(options, noticed: incidents.note, handler: handler) { server in
            let clients = (0..<8).map { _ in RawClient(port: server.port) }
            for client in clients { client.send("GET /page HTTP/1.1\r\nHost: x\r\n\r\n") }
            // The sweep looks at what has been on its way for a second.
            try await Task.sleep(for: .milliseconds(1_600))
            #expect(incidents.count(.slowReader) == 0)
            #expect(server.openConnections == 8)
            for client in clients { client.hangUp() }
        }
    }

    @Test func `bodies beyond the memory are told to come again`() async throws {
        let incidents = Incidents()
        var options = HTTPServerOptions.standard
        options.bodyMemory = 1_000_000
        let head =
            "POST /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 300000\r\n\r\n"
        let body = String(repeating: "b", count: 300_000)
        try await withServer(options, noticed: incidents.note) { server in
            var slow: [RawClient] = []
            var text = ""
            // Which of those that come together is refused is chance; three of them fill it.
            for _ in 0..<500 where !text.contains(" 503 ") {
                let client = RawClient(port: server.port)
                client.send(head + body.dropLast())
                slow.append(client)
                text = await answer(server, head + body)
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(text.contains("too many bodies at once"))
            #expect(incidents.count(.bodyTooLarge) > 0)
            for client in slow { client.hangUp() }
            #expect(await soon { server.openConnections == 0 })
            #expect(await answer(server, head + body).contains("reached POST /x"))
        }
    }

    @Test func `clients beyond the limit are served when others leave`() async throws {
        var options = HTTPServerOptions.standard
        options.connectionLimit = 50
        try await withServer(options) { server in
            let idle = (0..<50).map { _ in RawClient(port: server.port) }
            #expect(await soon { server.openConnections == 50 })
            let waiting = (0..<50).map { _ in RawClient(port: server.port) }
            for (number, client) in waiting.enumerated() {
                client.send("GET /\(number) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            }
            for client in idle { client.hangUp() }
            for (number, client) in waiting.enumerated() {
                #expect(await client.readText().contains("reached GET /\(number)"))
            }
        }
    }

    @Test func `clients that ask for nothing make room where it is crowded`() async throws {
        let incidents = Incidents()
        var options = HTTPServerOptions.standard
        options.connectionLimit = 20
        options.headerDeadline = .seconds(100)
        options.crowdedDeadline = .milliseconds(200)
        try await withServer(options, noticed: incidents.note) { server in
            let kept = RawClient(port: server.port)
            kept.send("GET /kept HTTP/1.1\r\nHost: x\r\n\r\n")
            let slow = (0..<60).map { _ in RawClient(port: server.port) }
            for client in slow { client.send("GET / HTTP/1.1\r\nX: ") }
            #expect(await RawClient.get("/other", port: server.port).contains("reached GET /other"))
            #expect(incidents.count(.slowHeader) >= 40)
            for client in slow + [kept] { client.hangUp() }
        }
    }
}
