// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Locking
import SourceText
import TestSupport

/// A receiver that may fail in many ways, and remembers what it took.
final class Witness: Sendable {
    /// How it answers.
    enum Mood: String, CaseIterable, Sendable {
        case well, broken, busy, cut, hung
    }

    /// What it took: a message under its id, of one alert.
    struct Told: Sendable, Hashable {
        let path: String
        let id: String
        let alert: String
        let status: String
        let startsAt: String
        let time: ContinuousClock.Instant
    }

    private let mood = Lock(Mood.well)
    private let told = Lock<[Told]>([])
    private let server: CannedServer

    init() {
        let (mood, told) = (mood, told)
        server = CannedServer { text in
            switch mood.withLock({ $0 }) {
            case .well:
                told.withLock { $0 += Self.messages(text) }
                return .body(200, "ok")
            case .broken: return .body(500, "not now")
            case .busy:
                return .raw("HTTP/1.1 429 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n")
            case .cut: return .raw("")
            case .hung: return .silence
            }
        }
    }

    var url: String { server.url }
    var all: [Told] { told.withLock { $0 } }

    func become(_ new: Mood) { mood.withLock { $0 = new } }

    /// What a receiver last took of an alert; nil where it never heard of it.
    func lastStatus(of alert: String, at path: String) -> String? {
        all.last { $0.alert == alert && $0.path == path }?.status
    }

    private static func messages(_ text: String) -> [Told] {
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        let path = lines[0].split(separator: " ").dropFirst().first.map(String.init) ?? ""
        let body = lines.drop { !$0.isEmpty }.dropFirst().joined(separator: "\r\n")
        guard let json = try? JSONValue.parse(body) else { return [] }
        let id = json["nightjar"]?["delivery_id"]?.string ?? "no id"
        return (json["alerts"]?.array ?? []).map { alert in
            Told(
                path: path,
                id: id,
                alert: alert["labels"]?["alertname"]?.string ?? "no name",
                status: alert["status"]?.string ?? "no status",
                startsAt: alert["startsAt"]?.string ?? "",
                time: .now
            )
        }
    }
}

/// Whether a condition holds, against which messages are judged.
struct Truth: Sendable {
    private(set) var isOn = false
    /// How often it ceased to hold.
    private(set) var ends = 0

    mutating func set(_ on: Bool) {
        if isOn, !on { ends += 1 }
        isOn = on
    }
}
