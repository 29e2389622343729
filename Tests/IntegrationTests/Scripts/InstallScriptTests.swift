// SPDX-License-Identifier: Apache-2.0
// Nightjar
import EventIO
import TestSupport
import Testing

/// `scripts/install` on machines that lack something, played by programs that stand in for theirs.
@Suite struct InstallScriptTests {
    private let folder = TemporaryDirectory()

    /// A machine: its `swift`, its account, which packages it has, and whether it is a Debian.
    private struct Machine {
        var swift: String? = "echo 'Swift version 9.1.2 (swift-9.1.2-RELEASE)'"
        var account = 1_000
        var hasPackages = false
        var isDebian = true
    }

    /// Runs the script there; its exit status, what it printed, and what apt-get was asked.
    private func install(
        _ machine: Machine,
        _ purpose: String = "demo"
    ) throws -> (status: Int32, output: String, asked: String) {
        try tools(machine)
        let path = folder.file("bin")
        let status = try ServerProcess.run(
            ["env", "-i", "PATH=" + path, repositoryRoot + "/scripts/install", purpose],
            logFile: folder.file("output")
        )
        func text(_ name: String) -> String {
            String(decoding: bytesOfFile(folder.file(name)), as: UTF8.self)
        }
        return (status, text("output"), text("asked"))
    }

    /// A folder of programs that is all of `PATH`.
    private func tools(_ machine: Machine) throws {
        try ServerProcess.run(["mkdir", "-p", folder.file("bin")])
        for name in ["env", "bash", "sed", "head", "sort", "dirname", "mktemp", "rm", "tail"] {
            let found = paths(matching: "/usr/bin/" + name) + paths(matching: "/bin/" + name)
            let target = try #require(found.first)
            try ServerProcess.run(["ln", "-sf", target, folder.file("bin/" + name)])
        }
        var scripts = [
            "id": "echo \(machine.account)",
            "apt-get": "echo \"$@\" >> \(folder.file("asked"))",
        ]
        if let swift = machine.swift { scripts["swift"] = swift }
        if machine.isDebian {
            scripts["dpkg-query"] = machine.hasPackages ? "echo -n installed" : "exit 1"
        }
        for (name, script) in scripts {
            let path = folder.file("bin/" + name)
            try write(Array("#!/bin/bash\n\(script)\n".utf8), toFile: path)
            try ServerProcess.run(["chmod", "+x", path])
        }
    }

    @Test func `without Swift it says so and where to get it`() throws {
        let (status, output, asked) = try install(Machine(swift: nil))
        #expect(status == 1)
        #expect(output.contains("no swift is on PATH"))
        #expect(output.contains("https://www.swift.org/install/linux/"))
        #expect(asked.isEmpty)
    }

    @Test func `with an older Swift it tells both versions`() throws {
        let (status, output, asked) = try install(
            Machine(swift: "echo 'Swift version 5.9.2 (swift-5.9.2-RELEASE)'")
        )
        #expect(status == 1)
        #expect(output.contains("needs Swift 6.3 or newer, and this is Swift 5.9.2"))
        #expect(asked.isEmpty)
    }

    @Test func `a Swift that does not run is told in its own words`() throws {
        let words = "error while loading shared libraries: libxml2.so.2: cannot open"
        let (status, output, asked) = try install(
            Machine(swift: "echo 'swift: \(words)' >&2; exit 127")
        )
        #expect(status == 1)
        #expect(output.contains("the swift on PATH does not run: swift: \(words)"))
        #expect(asked.isEmpty)
    }

    @Test func `without root it prints the one line to run, and stops`() throws {
        let (status, output, asked) = try install(Machine())
        #expect(status == 1)
        let commands = output.split(separator: "\n").filter { $0.contains("apt-get") }
        #expect(commands.count == 1)
        for package in ["libpq-dev", "librdkafka-dev", "postgresql", "redis-server", "tzdata"] {
            #expect(commands.first?.contains(package) == true, "\(package)")
        }
        #expect(asked.isEmpty)
    }

    @Test func `as root it installs what is missing`() throws {
        let (status, output, asked) = try install(Machine(account: 0), "test")
        #expect(status == 0, "\(output)")
        let lines = asked.split(separator: "\n")
        #expect(lines.first == "update")
        #expect(lines.last?.hasPrefix("install -y --no-install-recommends libpq-dev") == true)
        #expect(lines.last?.contains("prometheus") == true)
    }

    @Test func `where nothing is missing it is silent, with or without root`() throws {
        for account in [0, 1_000] {
            let (status, output, asked) = try install(Machine(account: account, hasPackages: true))
            #expect(status == 0)
            #expect(output.isEmpty)
            #expect(asked.isEmpty)
        }
    }

    @Test func `on a system without Debian's packages it names them, and stops`() throws {
        let (status, output, asked) = try install(Machine(account: 0, isDebian: false))
        #expect(status == 1)
        #expect(output.contains("not a Debian"))
        #expect(output.contains("librdkafka-dev"))
        #expect(asked.isEmpty)
    }
}
