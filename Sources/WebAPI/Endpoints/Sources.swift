// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Collectors
internal import HTTPServer
internal import Samples
internal import SourceText
internal import Storage

/// `/api/nightjar/sources`: every source with its parts, its reason out of the closed set, its size.
func answerSources(_ web: WebRequest) -> HTTPResponse {
    var json = JSONWriter()
    json.object { json in
        json.key("sources")
        json.array(web.context.board.targets) { $0.source($1) }
    }
    return .json(200, json)
}

extension JSONWriter {
    fileprivate mutating func source(_ entry: PollBoard.Entry) {
        object { json in
            json.field("kind", entry.target.kind)
            json.field("name", entry.target.name)
            json.field("health", entry.health)
            json.failure(entry.outcome?.failure)
            json.field("last_poll", TimeText.text(of: entry.slot))
            json.field("last_success", TimeText.text(of: entry.lastSuccess))
            json.field("duration_seconds", entry.duration.inSeconds)
            json.field("interval_seconds", entry.schedule.interval.inSeconds)
            json.field("timeout_seconds", entry.schedule.timeout.inSeconds)
            json.field("skipped", entry.skipped)
            json.field("series", entry.batch?.sampleCount ?? 0)
            json.field("dropped", entry.outcome?.droppedSamples ?? 0)
            json.key("parts")
            json.array(entry.outcome?.parts ?? []) { json, part in
                json.object { json in
                    json.field("name", part.name)
                    json.field("up", part.failure == nil)
                    json.failure(part.failure)
                }
            }
        }
    }

    private mutating func failure(_ failure: PollFailure?) {
        guard let failure else { return }
        field("reason", failure.reason.rawValue)
        field("error", failure.message)
    }
}
