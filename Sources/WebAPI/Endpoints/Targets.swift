// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Collectors
internal import HTTPServer
internal import PromQLSyntax
internal import Samples
internal import SourceText
internal import Storage

/// `/api/v1/targets`: every target as Prometheus describes its own.
func answerTargets(_ web: WebRequest) -> HTTPResponse {
    let state = web.value("state") ?? "any"
    let pool = web.value("scrapePool")
    let entries = state == "dropped" ? [] : web.context.board.targets
    return .success { json in
        json.object { json in
            json.key("activeTargets")
            json.array(entries.filter { pool == nil || pool == $0.target.kind }) { $0.target($1) }
            json.key("droppedTargets")
            json.array { _ in }
            json.key("droppedTargetCounts")
            json.object { _ in }
        }
    }
}

extension PollBoard.Entry {
    /// `up`, `down`, or `unknown` before the first poll.
    var health: String {
        guard let outcome else { return "unknown" }
        return outcome.failure == nil ? "up" : "down"
    }
}

extension JSONWriter {
    fileprivate mutating func target(_ entry: PollBoard.Entry) {
        object { json in
            for key in ["discoveredLabels", "labels"] {
                json.key(key)
                json.dictionary(["job": entry.target.kind, "instance": entry.target.name])
            }
            json.field("scrapePool", entry.target.kind)
            json.field("scrapeUrl", "\(entry.target.kind)://\(entry.target.name)")
            json.field("globalUrl", "\(entry.target.kind)://\(entry.target.name)")
            json.field("lastError", entry.outcome?.failure?.message ?? "")
            json.field("lastScrape", TimeText.text(of: entry.slot))
            json.field("lastScrapeDuration", entry.duration.inSeconds)
            json.field("health", entry.health)
            json.field("scrapeInterval", formatDuration(entry.schedule.interval))
            json.field("scrapeTimeout", formatDuration(entry.schedule.timeout))
        }
    }
}
