// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import HTTPServer
internal import Testing

@Suite(.timeLimit(.minutes(1)))
struct HTTPServerTests {
    private let reached: HTTPServer.Handler = { _ in .text(200, "reached") }

    /// Runs `body` with a server on a free port, and stops it.
    private func withServer(
        _ handler: @escaping HTTPServer.Handler,
        options: HTTPServerOptions = .standard,
        _ body: (HTTPServer) async throws -> Void
    ) async throws {
        let server = try HTTPServer(host: "127.0.0.1", port: 0, options: options, handler: handler)
        do {
            try await body(server)
        } catch {
            await server.stop(grace: .zero)
            throw error
        }
        await server.stop(grace: .zero)
        #expect(server.openConnections == 0)
        #expect(server.activeRequests == 0)
    }

    @Test func `a request comes with its path decoded and its parameters in order`() async throws {
        let echo: HTTPServer.Handler = { request in
            let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
            return .text(200, "\(request.method) \(request.path) [\(query)]")
        }
        try await withServer(echo) { server in
            let answer = await RawClient.get(
                "/a%20b%2Fc?x=1&x=2+3&match[]=%7B%7D&bare",
                port: server.port
            )
            #expect(answer.statusLine == "HTTP/1.1 200 OK")
            #expect(answer.content == "GET /a b/c [x=1,x=2 3,match[]={},bare=]")
        }
    }

    @Test func `a form's fields come before the query's`() {
        let request = HTTPRequest(
            method: "POST",
            target: "/api/v1/query?query=2",
            headers: [HTTPField("content-type", "application/x-www-form-urlencoded")],
            body: Array("query=1%2B1".utf8)
        )
        #expect(request.parameters.map(\.value) == ["1+1", "2"])
    }

    @Test func `a body in chunks arrives whole`() async throws {
        let handler: HTTPServer.Handler = { request in
            .text(200, request.parameters.map { "\($0.name)=\($0.value)" }.joined(separator: ";"))
        }
        try await withServer(handler) { server in
            let client = RawClient(port: server.port)
            client.send(
                "POST /x?c=3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                    + "Content-Type: application/x-www-form-urlencoded\r\n"
                    + "Transfer-Encoding: Chunked\r\n\r\n"
            )
            for chunk in [
                "3;note=1\r\na=1\r\n", "3\r\n&b=\r\n", "1\r\n2\r\n0\r\nTrailer: y\r\n\r\n",
            ] {
                client.send(chunk)
            }
            #expect(await client.readText().content == "a=1;b=2;c=3")
        }
    }

    @Test func `pipelined requests are answered in order`() async throws {
        let handler: HTTPServer.Handler = { request in
            if request.path == "/slow" { try await Task.sleep(for: .milliseconds(50)) }
            return .text(200, "<\(request.path)>")
        }
        try await withServer(handler) { server in
            let client = RawClient(port: server.port)
            client.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
            client.send("GET /fast HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let text = await client.readText()
            let marks = text.split(separator: "<").dropFirst().map { $0.prefix { $0 != ">" } }
            #expect(marks == ["/slow", "/fast"])
        }
    }

    @Test(arguments: [
        "Content-Length: 2\r\nContent-Length: 3", "Content-Length: 2\r\nTransfer-Encoding: chunked",
    ])
    func `an ambiguous length is refused and the connection ended`(_ lines: String) async throws {
        try await withServer(reached) { server in
            let client = RawClient(port: server.port)
            client.send("POST / HTTP/1.1\r\nHost: x\r\n\(lines)\r\n\r\n0\r\n\r\n")
            let text = await client.readText()
            #expect(text.statusLine == "HTTP/1.1 400 Bad Request")
            #expect(!text.contains("reached"))
        }
    }

    @Test(arguments: [
        "Content-Length: 5\r\n\r\nabcde",
        "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
    ])
    func `a body over the limit is answered 413`(_ rest: String) async throws {
        var options = HTTPServerOptions.standard
        options.bodyLimit = 4
        try await withServer(reached, options: options) { server in
            let client = RawClient(port: server.port)
            client.send("POST / HTTP/1.1\r\nHost: x\r\n\(rest)")
            #expect(await client.readText().statusLine.hasPrefix("HTTP/1.1 413"))
        }
    }

    @Test func `a client that sends a byte at a time is cut off at the deadline`() async throws {
        var options = HTTPServerOptions.standard
        options.headerDeadline = .milliseconds(100)
        try await withServer(reached, options: options) { server in
            let client = RawClient(port: server.port)
            client.send("GET / HT")
            #expect(await client.readAll() == [])
            #expect(await RawClient.get("/", port: server.port).content == "reached")
        }
    }

    @Test func `a client that goes away cancels its handler`() async throws {
        let started = Outcome<Void>()
        let ended = Outcome<Bool>()
        let handler: HTTPServer.Handler = { _ in
            started.finish(.success(()))
            do {
                try await Task.sleep(for: .seconds(30))
            } catch {
                ended.finish(.success(Task.isCancelled))
                throw error
            }
            return .text(200, "late")
        }
        try await withServer(handler) { server in
            let client = RawClient(port: server.port)
            client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            try await started.value()
            client.hangUp()
            #expect(try await ended.value())
        }
    }

    @Test func `a request cut off anywhere leaves nothing behind`() async throws {
        let request = "POST /x?y=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabcd"
        try await withServer(reached) { server in
            for length in 0..<request.count {
                let client = RawClient(port: server.port)
                client.send(String(request.prefix(length)))
                client.hangUp()
            }
            #expect(await RawClient.get("/", port: server.port).content == "reached")
        }
    }

    @Test func `a stop lets a running request end`() async throws {
        let started = Outcome<Void>()
        let server = try HTTPServer(host: "127.0.0.1", port: 0) { _ in
            started.finish(.success(()))
            try await Task.sleep(for: .milliseconds(100))
            return .text(200, "ended")
        }
        let client = RawClient(port: server.port)
        client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        try await started.value()
        await server.stop(grace: .seconds(20))
        let text = await client.readText()
        #expect(text.content == "ended")
        #expect(text.contains("Connection: close"))
        #expect(await RawClient.get("/", port: server.port).isEmpty)
    }

    @Test func `a stop cancels what does not end within its grace`() async throws {
        let started = Outcome<Void>()
        let server = try HTTPServer(host: "127.0.0.1", port: 0) { _ in
            started.finish(.success(()))
            try await Task.sleep(for: .seconds(60))
            return .text(200, "ended")
        }
        let client = RawClient(port: server.port)
        client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        try await started.value()
        await server.stop(grace: .milliseconds(10))
        #expect(await client.readText().statusLine.hasPrefix("HTTP/1.1 503"))
        await server.stop(grace: .zero)
    }

    @Test func `a stream waits for its reader and arrives whole`() async throws {
        let pieces = 64
        let handler: HTTPServer.Handler = { _ in
            HTTPResponse(
                200,
                body: .stream { writer in
                    for _ in 0..<pieces {
                        try await writer.write(Array(repeating: 120, count: 65_536))
                    }
                }
            )
        }
        try await withServer(handler) { server in
            let text = await RawClient.get("/", port: server.port)
            #expect(text.utf8.count { $0 == 120 } >= pieces * 65_536)
        }
    }

    @Test func `one buffer serves many answers`() async throws {
        let buffer = ResponseBuffer(Array("shared".utf8))
        let handler: HTTPServer.Handler = { _ in HTTPResponse(200, body: .buffer(buffer)) }
        try await withServer(handler) { server in
            for _ in 0..<20 {
                #expect(await RawClient.get("/", port: server.port).content == "shared")
            }
        }
        #expect(buffer.array == Array("shared".utf8))
    }

    @Test func `an error of the handler is a 500 that tells nothing`() async throws {
        struct Hidden: Error {}
        let handler: HTTPServer.Handler = { _ in throw Hidden() }
        try await withServer(handler) { server in
            let text = await RawClient.get("/", port: server.port)
            #expect(text.statusLine == "HTTP/1.1 500 Internal Server Error")
            #expect(text.content == "internal error\n")
        }
    }

    @Test func `a port that is taken is an error with its reason`() async throws {
        try await withServer(reached) { server in
            #expect {
                try HTTPServer(host: "127.0.0.1", port: server.port) { _ in .text(200, "") }
            } throws: {
                "\($0)" == "listen on 127.0.0.1:\(server.port): Address already in use"
            }
        }
    }
}
