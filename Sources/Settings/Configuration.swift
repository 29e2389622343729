// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Collectors
internal import ConfigYAML
internal import EventIO
internal import Notify
internal import RemoteWrite
internal import Rules
public import SourceText
internal import Storage

/// What reading a configuration gave: valid settings, or what is wrong with every file of it.
public struct Configuration: Sendable {
    /// The settings; nil where any file has an error.
    public let settings: Settings?
    /// Everything that was found, by file and place.
    public let diagnostics: [Diagnostic]
    /// The rule files that it names, be the rest right or wrong, so that all can be checked at once.
    public private(set) var ruleFiles: [String] = []

    /// Reads the configuration file at `path` and the files it names.
    ///
    /// Paths inside the file count from the file's own folder. All mistakes of all files are found
    /// in one run. Rule files are read by whoever runs them, not here.
    public static func read(path: String) -> Configuration {
        let name = SourceFile(name: path, text: "")
        let bytes: [UInt8]
        do {
            bytes = try contents(ofFile: path)
        } catch {
            return Configuration(
                settings: nil,
                diagnostics: [Diagnostic(in: name, at: nil, "\(error)")]
            )
        }
        do throws(Diagnostic) {
            return decode(try sourceFile(named: path, bytes: bytes))
        } catch {
            return Configuration(settings: nil, diagnostics: [error])
        }
    }

    /// Decodes a configuration's text; `file.name` is the path that relative ones count from.
    public static func decode(_ file: SourceFile) -> Configuration {
        let folder = folderOf(file.name)
        let document = ConfigDocument(file, substitution: .environmentAndFiles(folder: folder))
        var settings = Settings()
        settings.text = document.root.map { Settings.shown($0.node) } ?? ""
        if let root = document.root?.mapping("the configuration") {
            settings.decode(root, folder: folder)
        } else if document.diagnostics.isEmpty {
            document.sink.error(at: nil, "the configuration is empty")
        }
        let diagnostics = document.diagnostics
        return Configuration(
            settings: diagnostics.hasErrors ? nil : settings,
            diagnostics: diagnostics,
            ruleFiles: settings.ruleFiles
        )
    }
}

extension Settings {
    fileprivate mutating func decode(_ root: MappingReader, folder: String) {
        if let section = root.mapping("global") { global = Global(section) }
        if let section = root.mapping("web") { web = Web(section) }
        if let section = root.mapping("storage") { storage = StorageOptions(section) }
        if let path = storage.path { storage.path = absolute(path, in: folder) }
        let global = global
        postgres = root.mappings("postgres").map { PostgresOptions($0, global: global) }
        redis = root.mappings("redis").map { RedisOptions($0, global: global) }
        kafka = root.mappings("kafka").map { KafkaOptions($0, global: global) }
        circuitBreakers = root.mappings("circuit_breakers").map {
            BreakerOptions($0, global: global)
        }
        scrapes = root.mappings("scrape_configs").map { ScrapeOptions($0, global: global) }
        if let section = root.mapping("rules") { rules = RuleOptions(section) }
        rules.evaluationInterval = global.evaluationInterval
        rules.externalLabels = global.externalLabels
        remoteWrite = root.mappings("remote_write").map {
            RemoteWriteOptions($0, global: global)
        }
        reportDoubleNames(root)
        ruleFiles = root.list("rule_files").flatMap { expand($0, in: folder) }
        decodeAlerting(root, folder: folder)
        root.refuse(Unsupported.sections)
        root.finish()
    }

    private mutating func decodeAlerting(_ root: MappingReader, folder: String) {
        guard let section = root.mapping("alerting") else { return }
        let url = web.externalURL ?? "http://\(web.host):\(web.port)"
        guard let value = section.value("config_file"), let path = value.string() else {
            notify = NotifyOptions(section, externalURL: url) { expand($0, in: folder) }
            section.finish()
            return
        }
        section.refuse(Unsupported.alerting)
        section.finish()
        let file = absolute(path, in: folder)
        do {
            let source = try sourceFile(named: file, bytes: try contents(ofFile: file))
            let document = ConfigDocument(
                source,
                substitution: .environmentAndFiles(folder: folderOf(file))
            )
            if let mapping = document.root?.mapping("the notifier's configuration") {
                let place = folderOf(file)
                notify = NotifyOptions(mapping, externalURL: url) { expand($0, in: place) }
                mapping.finish()
            }
            root.sink.add(document.diagnostics)
        } catch let error as Diagnostic {
            root.sink.add([error])
        } catch {
            value.error("\(error)")
        }
    }

    /// Two targets of one kind must not share a name: it is what tells their series apart.
    private func reportDoubleNames(_ root: MappingReader) {
        let names: [(String, [String])] = [
            ("postgres", postgres.map(\.name)), ("redis", redis.map(\.name)),
            ("kafka", kafka.map(\.name)),
            ("circuit_breakers", circuitBreakers.map(\.name)),
            ("scrape_configs", scrapes.map(\.job)), ("remote_write", remoteWrite.map(\.name)),
        ]
        for (section, names) in names {
            var seen: Set<String> = []
            for name in names where !seen.insert(name).inserted && !name.isEmpty {
                root.error(atKey: section, "the name '\(name)' is used twice in '\(section)'")
            }
        }
    }

    private func expand(_ value: ValueReader, in folder: String) -> [String] {
        guard let pattern = value.string() else { return [] }
        let found = paths(matching: absolute(pattern, in: folder))
        let isPattern = pattern.contains { "*?[".contains($0) }
        if found.isEmpty, !isPattern { value.error("there is no file '\(pattern)'") }
        return found
    }
}

extension Substitution {
    /// Replaces `${NAME}` from the environment and `${file:PATH}` by a file's text.
    fileprivate static func environmentAndFiles(folder: String) -> Substitution {
        Substitution(
            variable: { environmentVariable($0) },
            file: { path throws(Failure) in
                do throws(FileError) {
                    let bytes = try contents(ofFile: absolute(path, in: folder), limit: 1 << 20)
                    let text = String(decoding: bytes, as: UTF8.self)
                    return text.hasSuffix("\n") ? String(text.dropLast()) : text
                } catch {
                    throw Failure("\(error)")
                }
            }
        )
    }
}

/// The folder that a file is in, with its slash; empty for the current one.
private func folderOf(_ path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
}

private func absolute(_ path: String, in folder: String) -> String {
    path.hasPrefix("/") ? path : folder + path
}
