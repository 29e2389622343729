// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Collectors
internal import ConfigYAML
internal import EventIO
internal import Notify
internal import RemoteWrite
public import Rules
internal import Settings
public import SourceText
internal import Storage

/// What the files of the configuration say, checked: a reload replaces it as a whole.
struct Configured: Sendable {
    var settings: Settings
    var ruleFiles: [RuleFile]

    /// Reads and checks a configuration with its rule files, and applies what overrides it.
    static func read(_ path: String, _ overrides: Overrides) throws(StartError) -> Configured {
        let read = Configuration.read(path: path)
        let rules = readRuleFiles(read.ruleFiles)
        let diagnostics = read.diagnostics + rules.diagnostics
        guard var settings = read.settings, !diagnostics.hasErrors else {
            throw StartError(diagnostics: diagnostics.inReadingOrder, message: "")
        }
        if let listen = overrides.listen {
            guard let address = ListenAddress(listen) else {
                throw StartError(
                    diagnostics: [],
                    message: "--listen must be HOST:PORT such as 127.0.0.1:9630, not '\(listen)'"
                )
            }
            settings.web.host = address.host
            settings.web.port = address.port
        }
        if let data = overrides.data { settings.storage.path = data }
        return Configured(settings: settings, ruleFiles: rules.files)
    }

    /// Where people reach the daemon, which messages link to; `port` is the one it listens on.
    mutating func completeURL(port: Int) {
        let scheme = settings.web.tls == nil ? "http" : "https"
        let url = settings.web.externalURL ?? "\(scheme)://\(settings.web.host):\(port)"
        settings.web.externalURL = url
        settings.notify.externalURL = url
        settings.rules.externalURL = url
    }
}

/// What a service was made of: where it is equal, the service need not be started anew.
enum ServiceVersion: Sendable, Equatable {
    case fixed
    case every(Duration)
    case postgres(PostgresOptions)
    case redis(RedisOptions)
    case breakers(BreakerOptions)
    case kafka(KafkaOptions)
    case scrape(ScrapeOptions, ScrapeTarget)
    case rules(RuleGroup, RuleOptions)
    case remoteWrite(RemoteWriteOptions)
}

/// Reads rule files; what is wrong with any of them is told.
public func readRuleFiles(_ paths: [String]) -> (files: [RuleFile], diagnostics: [Diagnostic]) {
    var files: [RuleFile] = []
    var diagnostics: [Diagnostic] = []
    for path in paths {
        do {
            let bytes = try contents(ofFile: path)
            let (file, found) = RuleFile.parse(try sourceFile(named: path, bytes: bytes))
            diagnostics += found
            if let file { files.append(file) }
        } catch let error as Diagnostic {
            diagnostics.append(error)
        } catch {
            let name = SourceFile(name: path, text: "")
            diagnostics.append(Diagnostic(in: name, at: nil, "\(error)"))
        }
    }
    return (files, diagnostics)
}

/// What is wrong with a configuration and the files it names; empty where it would be taken.
public func checkConfiguration(path: String) -> [Diagnostic] {
    let read = Configuration.read(path: path)
    return (read.diagnostics + readRuleFiles(read.ruleFiles).diagnostics).inReadingOrder
}
