// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import HTTPServer
internal import Locking
internal import Testing

/// Runs a server, and asks it once more when `body` is done.
func withServer(
    _ options: HTTPServerOptions = .standard,
    noticed: HTTPServer.Noticed? = nil,
    handler: @escaping HTTPServer.Handler = { .text(200, "reached \($0.method) \($0.path)") },
    _ body: (HTTPServer) async throws -> Void
) async throws {
    let server = try HTTPServer(
        host: "127.0.0.1",
        port: 0,
        options: options,
        noticed: noticed,
        handler: handler
    )
    do {
        try await body(server)
        #expect(await RawClient.get("/after", port: server.port).contains("reached GET /after"))
    } catch {
        await server.stop(grace: .zero)
        throw error
    }
    await server.stop(grace: .zero)
    #expect(server.openConnections == 0)
    #expect(server.activeRequests == 0)
}

/// What a client reads that sends just these bytes.
func answer(_ server: HTTPServer, _ text: String) async -> String {
    let client = RawClient(port: server.port)
    client.send(text)
    return await client.readText()
}

/// Waits for a condition that comes soon, or never where something is broken.
func soon(_ condition: () -> Bool) async -> Bool {
    for _ in 0..<1_000 {
        if condition() { return true }
        try? await Task.sleep(for: .milliseconds(10))
    }
    return false
}

/// What a server noticed.
final class Incidents: Sendable {
    private let counts = Lock<[HTTPIncident: Int]>([:])

    var note: HTTPServer.Noticed {
        { incident in self.counts.withLock { $0[incident, default: 0] += 1 } }
    }

    func count(_ incident: HTTPIncident) -> Int { counts.withLock { $0[incident] ?? 0 } }
}
