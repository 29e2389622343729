// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Collectors
internal import HTTPServer
internal import PromQLSyntax
internal import Samples
internal import SourceText

/// `/api/v1/targets`: every target as Prometheus describes its own; none is ever dropped.
///
/// Source: Prometheus, web/api/v1/api.go: `targets`.
func answerTargets(_ web: WebRequest) -> HTTPResponse {
    let state = web.value("state")?.lowercased() ?? "any"
    let pool = web.value("scrapePool")
    let isShown = state == "any" || state == "active"
    let entries = (isShown ? web.context.board.targets : []).filter {
        pool == nil || pool == $0.description.pool
    }
    let pools = Set(web.context.board.targets.map(\.description.pool)).sorted()
    return .success { json in
        json.object { json in
            json.key("activeTargets")
            json.array(entries) { $0.target($1) }
            json.key("droppedTargets")
            json.array { _ in }
            json.key("droppedTargetCounts")
            json.object { json in
                for pool in state == "any" || state == "dropped" ? pools : [] {
                    json.field(pool, 0)
                }
            }
        }
    }
}

/// `/api/v1/scrape_pools`: the jobs and the kinds of sources.
func answerScrapePools(_ web: WebRequest) -> HTTPResponse {
    let pools = Set(web.context.board.targets.map(\.description.pool)).sorted()
    return .success { json in
        json.object { json in
            json.key("scrapePools")
            json.array(pools) { $0.string($1) }
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
        let interval = formatDuration(entry.schedule.interval)
        let timeout = formatDuration(entry.schedule.timeout)
        let discovered = entry.description.discoveredLabels
            .setting("__scrape_interval__", to: interval)
            .setting("__scrape_timeout__", to: timeout)
        object { json in
            json.key("discoveredLabels")
            json.labels(discovered)
            json.key("labels")
            json.labels(entry.description.labels)
            json.field("scrapePool", entry.description.pool)
            json.field("scrapeUrl", entry.description.url)
            json.field("globalUrl", entry.description.url)
            json.field("lastError", entry.outcome?.failure?.message ?? "")
            json.field("lastScrape", TimeText.text(of: entry.slot))
            json.field("lastScrapeDuration", entry.duration.inSeconds)
            json.field("health", entry.health)
            json.field("scrapeInterval", interval)
            json.field("scrapeTimeout", timeout)
        }
    }
}
