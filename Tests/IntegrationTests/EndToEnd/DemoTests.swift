// SPDX-License-Identifier: Apache-2.0
// Nightjar
import EventIO
import TestSupport
import Testing

/// `nightjar demo` as a newcomer runs it, and as one interrupts it.
@Suite(
    .serialized,
    .timeLimit(.minutes(3)),
    .enabled(
        if: PostgresServer.isInstalled && RedisServer.isInstalled,
        "PostgreSQL or Redis is not installed"
    )
)
struct DemoTests {
    private let folder = TemporaryDirectory()

    /// Starts the demonstration with everything it makes in the test's folder.
    private func start(_ words: String...) throws -> ServerProcess {
        let program = builtProgram("nightjar")
        let environment = ["env", "TMPDIR=" + folder.path]
        return try ServerProcess(
            environment + [program, "demo"] + words,
            logFile: folder.file("output")
        )
    }

    private var output: String {
        String(decoding: bytesOfFile(folder.file("output")), as: UTF8.self)
    }

    /// Whether any process works in the test's folder, as the servers do; Redis hides its words.
    private func hasServers() throws -> Bool {
        let command = "readlink /proc/[0-9]*/cwd | grep -q '^\(folder.path)/'"
        return try ServerProcess.run(["sh", "-c", command]) == 0
    }

    @Test(arguments: [10, 150, 400, 900, 2_500])
    func `an interrupt leaves nothing, whenever it comes`(_ milliseconds: Int) async throws {
        let demo = try start()
        try await Task.sleep(for: .milliseconds(milliseconds))
        // The latest interrupt finds servers, so that looking for them is known to work.
        if milliseconds == 2_500 { #expect(try hasServers()) }
        demo.send(signal: 2)
        let status = try await BlockingQueue(label: "demo").run { demo.wait() }
        // Before the program takes its signals nothing is there that it could leave behind.
        #expect(status == 0 || (status == 128 + 2 && output.isEmpty), "\(output)")
        #expect(paths(matching: folder.path + "/nightjar-demo*") == [])
        #expect(try !hasServers())
    }

    @Test func `everything that can break is told and mended, from the product's own rules`()
        async throws
    {
        let demo = try start("--break", "all")
        let status = try await BlockingQueue(label: "demo").run { demo.wait() }
        #expect(status == 0)
        #expect(output.contains("5 of 5 alerts delivered, 5 of 5 ends delivered"), "\(output)")
        #expect(output.contains("files of rules/, in time lapse"))
        #expect(paths(matching: folder.path + "/nightjar-demo*") == [])
    }
}
