// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Arguments
internal import EventIO

/// The program.
///
/// `main` does nothing but run a detached task: async code on the main actor costs a hop of
/// 20 us at each await, and at the top level of a file it was miscompiled.
@main struct Nightjar {
    static func main() async {
        shareFreeMemory()
        let status = await Task.detached { await run(CommandLine.arguments.dropFirst()) }.value
        exitProcess(status)
    }

    private static func run(_ words: some Sequence<String>) async -> Int32 {
        let arguments: Arguments
        do throws(Refusal) {
            arguments = try program.parse(words)
        } catch {
            switch error {
            case .help(let text):
                print(text + "\n", toDescriptor: 1)
                return 0
            case .usage(let message):
                print(message + "\n", toDescriptor: 2)
                return 2
            }
        }
        return await perform(arguments)
    }

    private static func perform(_ arguments: Arguments) async -> Int32 {
        switch arguments.path {
        case ["run"]: await RunCommand.perform(arguments)
        case ["demo"]: await DemoCommand.perform(arguments)
        case ["check", "config"]: CheckCommand.config(arguments)
        case ["check", "rules"]: CheckCommand.rules(arguments)
        case ["test", "promql"]: await TestCommand.promQL(arguments)
        case ["test", "openmetrics"]: TestCommand.openMetrics(arguments)
        default: 2
        }
    }
}
