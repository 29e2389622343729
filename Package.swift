// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// What every Swift target is compiled with.
///
/// - ExistentialAny: SE-0335; InternalImportsByDefault: SE-0409; MemberImportVisibility: SE-0444;
///   NonisolatedNonsendingByDefault: SE-0461; InferIsolatedConformances: SE-0470;
///   strict memory safety: SE-0458.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
]

/// A module of ARCHITECTURE.md's table; everyone may also import `Locking` and `Logging`.
func module(_ name: String, imports: [String]) -> [Target] {
    let common = ["Locking", "Logging"].filter { $0 != name && !foundations.contains(name) }
    let dependencies = Array(Set(imports + common)).sorted().map {
        Target.Dependency(stringLiteral: $0)
    }
    return [.target(name: name, dependencies: dependencies, swiftSettings: settings)]
}

/// The unit tests of a module, with what they need beside it.
func tests(_ name: String, imports: [String] = []) -> Target {
    let dependencies = ([name, "TestSupport"] + imports).map {
        Target.Dependency(stringLiteral: $0)
    }
    return .testTarget(
        name: name + "Tests",
        dependencies: dependencies,
        exclude: [],
        swiftSettings: settings
    )
}

/// Modules below `Logging`, which therefore cannot have it.
let foundations: Set = ["Locking", "Logging", "SourceText", "Secrets"]

/// C interfaces: a module map and a shim each.
let interfaces: [Target] = [
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    // hiredis.pc carries a flag that the package manager warns about, so it is linked by name.
    .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
    .systemLibrary(
        name: "CCurl",
        pkgConfig: "libcurl",
        providers: [.apt(["libcurl4-openssl-dev"])]
    ),
    .systemLibrary(name: "CRdKafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),
    .systemLibrary(
        name: "CMicrohttpd",
        pkgConfig: "libmicrohttpd",
        providers: [.apt(["libmicrohttpd-dev", "libgnutls28-dev"])]
    ),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CYAML", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CIsal", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CSnappy", providers: [.apt(["libsnappy-dev"])]),
    .systemLibrary(name: "CCrypt", providers: [.apt(["libcrypt-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),
    .target(name: "CCCTZ", linkerSettings: [.linkedLibrary("cctz")]),
]

/// The table of ARCHITECTURE.md section 2, layer by layer; `ArchitectureTests` reads both.
let modules: [[Target]] = [
    // Layer 1
    module("Locking", imports: []),
    module("Logging", imports: ["CLinux", "Locking"]),
    module("SourceText", imports: []),
    module("Samples", imports: ["CRE2"]),
    module("Secrets", imports: []),
    module("EventIO", imports: ["CLinux"]),
    module("CivilTime", imports: ["CCCTZ"]),
    module("Arguments", imports: []),
    // Layer 2
    module("Telemetry", imports: ["Samples"]),
    module("Exposition", imports: ["Samples", "SourceText"]),
    module("PromQLSyntax", imports: ["Samples", "SourceText"]),
    module("Templates", imports: ["Samples", "SourceText", "CivilTime"]),
    module("ConfigYAML", imports: ["SourceText", "Secrets", "CYAML"]),
    module("SQLite", imports: ["EventIO", "CSQLite"]),
    module("HTTPServer", imports: ["EventIO", "Secrets", "CMicrohttpd", "CIsal", "CCrypt"]),
    module("PostgresClient", imports: ["EventIO", "Secrets", "CPostgres"]),
    module("RedisClient", imports: ["EventIO", "Secrets", "CHiredis"]),
    module("HTTPFetch", imports: ["EventIO", "Secrets", "CCurl"]),
    module("KafkaClient", imports: ["EventIO", "Secrets", "CRdKafka"]),
    module("Alerts", imports: ["Samples"]),
    // Layer 3
    module("Storage", imports: ["Samples", "Telemetry", "SQLite"]),
    // Layer 4
    module(
        "PromQLEngine",
        imports: ["PromQLSyntax", "Storage", "Samples", "SourceText", "Telemetry"]
    ),
    module(
        "Collectors",
        imports: [
            "PostgresClient", "RedisClient", "HTTPFetch", "KafkaClient", "Exposition", "Storage",
            "Secrets", "Samples", "SourceText", "Telemetry",
        ]
    ),
    module(
        "Notify",
        imports: [
            "Alerts", "Templates", "HTTPFetch", "Storage", "CivilTime", "Secrets", "Samples",
            "SourceText", "Telemetry", "COpenSSL",
        ]
    ),
    module(
        "RemoteWrite",
        imports: ["HTTPFetch", "Storage", "Secrets", "Samples", "Telemetry", "CSnappy"]
    ),
    // Layer 5
    module(
        "Rules",
        imports: [
            "PromQLEngine", "PromQLSyntax", "Storage", "Alerts", "Templates", "ConfigYAML",
            "SourceText", "Samples", "Telemetry",
        ]
    ),
    // Layer 6
    module(
        "WebAPI",
        imports: [
            "HTTPServer", "PromQLEngine", "PromQLSyntax", "Storage", "Rules", "Alerts", "Notify",
            "Collectors", "RemoteWrite", "Exposition", "Telemetry", "Samples", "SourceText",
        ]
    ),
    // Layer 7
    module(
        "Settings",
        imports: [
            "CivilTime", "ConfigYAML", "SourceText", "Secrets", "Exposition", "PromQLSyntax",
            "Templates", "HTTPServer", "Samples", "Storage", "EventIO", "HTTPFetch", "PromQLEngine",
            "Collectors", "Notify", "RemoteWrite", "Rules", "WebAPI", "KafkaClient",
        ]
    ),
    // Layer 8
    module(
        "Daemon",
        imports: [
            "Settings", "WebAPI", "Rules", "Notify", "Collectors", "RemoteWrite", "PromQLEngine",
            "PromQLSyntax", "Storage", "SQLite", "Telemetry", "Alerts", "Templates", "Exposition",
            "HTTPServer", "HTTPFetch", "PostgresClient", "RedisClient", "KafkaClient", "EventIO",
            "Secrets", "SourceText", "Samples", "ConfigYAML", "CivilTime",
        ]
    ),
]

let unitTests: [Target] = [
    tests("Locking"),
    tests("Logging", imports: ["EventIO", "SourceText"]),
    tests("SourceText"),
    tests("Samples"),
    tests("Secrets"),
    tests("EventIO"),
    tests("CivilTime"),
    tests("Arguments"),
    tests("Telemetry", imports: ["Samples"]),
    tests("Exposition", imports: ["Samples", "SourceText", "EventIO"]),
    tests("PromQLSyntax", imports: ["Samples", "SourceText"]),
    tests("Templates", imports: ["Samples", "SourceText", "CivilTime"]),
    tests("ConfigYAML", imports: ["SourceText", "Secrets"]),
    tests("SQLite", imports: ["EventIO"]),
    tests("HTTPServer", imports: ["EventIO", "Locking", "Secrets", "CZlib"]),
    tests("PostgresClient", imports: ["EventIO", "Secrets"]),
    tests("RedisClient", imports: ["EventIO", "Secrets"]),
    tests("HTTPFetch", imports: ["EventIO", "Secrets"]),
    tests("KafkaClient", imports: ["EventIO", "Secrets"]),
    tests("Alerts", imports: ["Samples"]),
    tests("Storage", imports: ["Samples", "Telemetry", "SQLite"]),
    tests("PromQLEngine", imports: ["PromQLSyntax", "Storage", "Samples", "Telemetry"]),
    tests(
        "Collectors",
        imports: [
            "Exposition", "Storage", "Secrets", "Samples", "SourceText", "Telemetry", "HTTPFetch",
            "KafkaClient",
        ]
    ),
    tests(
        "Notify",
        imports: [
            "Alerts", "CivilTime", "EventIO", "HTTPFetch", "Locking", "Samples", "Secrets",
            "SourceText", "Storage", "Telemetry", "Templates",
        ]
    ),
    tests(
        "RemoteWrite",
        imports: [
            "Storage", "Samples", "Telemetry", "Secrets", "HTTPFetch", "HTTPServer", "Locking",
        ]
    ),
    tests(
        "Rules",
        imports: [
            "PromQLEngine", "PromQLSyntax", "Storage", "Alerts", "SourceText", "Samples",
            "Telemetry", "Locking",
        ]
    ),
    tests(
        "WebAPI",
        imports: [
            "HTTPServer", "Collectors", "Alerts", "Storage", "Samples", "Telemetry", "SourceText",
            "EventIO", "PromQLEngine", "PromQLSyntax", "Secrets", "Locking",
        ]
    ),
    tests(
        "Settings",
        imports: [
            "EventIO", "SourceText", "Samples", "Storage", "Collectors", "Notify", "Rules",
            "RemoteWrite", "HTTPFetch", "Secrets", "CivilTime", "Templates",
        ]
    ),
    tests("Daemon", imports: ["Locking", "Rules", "SourceText"]),
    .testTarget(
        name: "ArchitectureTests",
        dependencies: [
            "TestSupport", "EventIO", "PromQLSyntax", "SourceText", "Rules", "nightjar",
        ],
        swiftSettings: settings
    ),
    .testTarget(
        name: "ConformanceTests",
        dependencies: [
            "TestSupport", "PromQLSyntax", "PromQLEngine", "Storage", "Samples", "Exposition",
            "Rules", "SourceText", "EventIO",
        ],
        swiftSettings: settings
    ),
    .testTarget(
        name: "IntegrationTests",
        dependencies: [
            "TestSupport", "Daemon", "Settings", "Collectors", "PostgresClient", "RedisClient",
            "HTTPFetch", "KafkaClient", "Storage", "Samples", "Telemetry", "Secrets", "EventIO",
            "CRdKafka", "Locking", "Logging", "SourceText", "nightjar", "WebAPI", "HTTPServer",
            "PromQLEngine", "Alerts",
        ],
        swiftSettings: settings
    ),
]

let package = Package(
    name: "nightjar",
    products: [.executable(name: "nightjar", targets: ["nightjar"])],
    targets: interfaces + modules.flatMap(\.self) + [
        .executableTarget(
            name: "nightjar",
            dependencies: [
                "Daemon", "Settings", "Arguments", "Exposition", "PromQLEngine", "Rules",
                "SourceText", "EventIO", "Logging",
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "benchmarks",
            dependencies: [
                "Daemon", "WebAPI", "Rules", "Notify", "Collectors", "RemoteWrite", "PromQLEngine",
                "PromQLSyntax", "Storage", "SQLite", "Telemetry", "Exposition", "HTTPServer",
                "HTTPFetch", "EventIO", "SourceText", "Samples", "Logging", "Locking", "CLinux",
            ],
            path: "Benchmarks",
            swiftSettings: settings
        ),
        .target(
            name: "TestSupport",
            dependencies: ["CLinux", "Samples", "EventIO", "Locking"],
            path: "Tests/TestSupport",
            swiftSettings: settings
        ),
    ] + unitTests,
    cxxLanguageStandard: .cxx17
)
