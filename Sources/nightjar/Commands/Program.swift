// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Arguments
internal import Daemon
internal import SourceText

/// The command line, declared once for parsing and for `--help`.
let program = Command(
    "nightjar",
    summary: "Watches a service stack and pages the person on call.",
    subcommands: [
        Command(
            "run",
            summary:
                "Runs the daemon; SIGHUP reloads its configuration, SIGTERM and SIGINT end it.",
            options: [
                .init(
                    "config",
                    short: "c",
                    .value(placeholder: "file", standard: "nightjar.yml"),
                    help: "The configuration."
                ),
                .init(
                    "listen",
                    .value(placeholder: "host:port"),
                    help:
                        "Where to listen, in place of the configuration's; port 0 takes a free one."
                ),
                .init(
                    "data",
                    .value(placeholder: "dir"),
                    help: "Where to keep data, in place of the configuration's."
                ),
                logFormat, logLevel,
            ]
        ),
        Command(
            "demo",
            summary: "Runs the daemon on a throw-away stack of its own, which ends with it.",
            options: [
                .init(
                    "break",
                    .value(placeholder: "pool|breaker|latency|lag|redis|all"),
                    help: "What to break, to see its alert fire, delivered and resolved."
                )
            ]
        ),
        Command(
            "check",
            summary: "Validates files: exit 0 where they are right, 1 where they are not.",
            subcommands: [
                Command(
                    "config",
                    summary: "Validates configurations with the files they name.",
                    positional: .init("file", 1...1_000, help: "A configuration.")
                ),
                Command(
                    "rules",
                    summary: "Validates Prometheus rule files.",
                    positional: .init("file", 1...1_000, help: "A rule file.")
                ),
            ]
        ),
        Command(
            "test",
            summary: "Runs test files.",
            subcommands: [
                Command(
                    "openmetrics",
                    summary: "Parses expositions strictly; '-' is standard input.",
                    positional: .init("file", 1...1_000, help: "An exposition.")
                ),
                Command(
                    "promql",
                    summary: "Runs scripts in Prometheus' test language: exit 0 where all passes.",
                    options: [
                        .init(
                            "names-dropped-at-once",
                            .flag,
                            help: "Drop metric names at each operation, not at a query's end."
                        )
                    ],
                    positional: .init("file", 1...1_000, help: "A script.")
                ),
            ]
        ),
    ],
    version: Daemon.version,
    nearest: { nearestName(to: $0, in: $1) }
)

private let logFormat = Command.Option(
    "log-format",
    .value(placeholder: "text|json", standard: "text"),
    help: "How log lines are written, on standard error."
)

private let logLevel = Command.Option(
    "log-level",
    .value(placeholder: "debug|info|warning|error", standard: "info"),
    help: "The lowest level that is written."
)
