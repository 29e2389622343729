// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Arguments
internal import Daemon
internal import EventIO
internal import Logging

/// `nightjar run`.
enum RunCommand {
    static func perform(_ arguments: Arguments) async -> Int32 {
        let levels: [String: Level] = [
            "debug": .debug, "info": .info, "warning": .warning, "error": .error,
        ]
        let formats: [String: Log.Format] = ["text": .logfmt, "json": .json]
        guard let level = levels[arguments["log-level"] ?? ""],
            let format = formats[arguments["log-format"] ?? ""]
        else {
            print(
                "nightjar: error: unknown log level or format, try 'nightjar run --help'\n",
                toDescriptor: 2
            )
            return 2
        }
        let log = Log(format: format, level: level)
        do {
            try await Daemon.runUntilSignal(
                configurationPath: arguments["config"] ?? "nightjar.yml",
                overrides: Overrides(listen: arguments["listen"], data: arguments["data"]),
                log: log
            )
            return 0
        } catch {
            print("\(error)\n", toDescriptor: 2)
            return 1
        }
    }
}

/// `nightjar demo`.
enum DemoCommand {
    static func perform(_ arguments: Arguments) async -> Int32 {
        let word = arguments["break"]
        guard let faults = word.map(DemoFault.named) ?? [] else {
            print(
                "nightjar: error: '\(word ?? "")' cannot be broken; there are pool, breaker, latency, lag, redis and all\n",
                toDescriptor: 2
            )
            return 2
        }
        do {
            try await Demo(faults: faults).run()
            return 0
        } catch {
            print("nightjar: error: \(error)\n", toDescriptor: 2)
            return 1
        }
    }
}
