// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import SourceText

/// `/api/v1/status/buildinfo`; without `features`, or Grafana takes us for Mimir.
func answerBuildInformation(_ web: WebRequest) -> HTTPResponse {
    let build = web.context.build
    return .success { json in
        json.object { json in
            // Grafana compares this with Prometheus' versions to know what the API can do.
            json.field("version", "3.0.0")
            json.field("revision", build.revision)
            json.field("branch", "")
            json.field("buildUser", "nightjar \(build.version)")
            json.field("buildDate", "")
            json.field("goVersion", "")
        }
    }
}

/// `/api/v1/status/config`: the configuration without secrets.
func answerConfiguration(_ web: WebRequest) -> HTTPResponse {
    .success { json in
        json.object { $0.field("yaml", web.context.configuration()) }
    }
}

/// `/api/v1/status/flags`: the command line.
func answerFlags(_ web: WebRequest) -> HTTPResponse {
    .success { $0.dictionary(web.context.flags) }
}

/// `/api/v1/status/runtimeinfo`: since when it runs, and how long samples are kept.
func answerRuntimeInformation(_ web: WebRequest) -> HTTPResponse {
    .success { json in
        json.object { json in
            json.field("startTime", TimeText.text(of: web.context.startTime))
            json.field("storageRetention", web.context.retention)
            json.field("serverTime", TimeText.text(of: web.context.now()))
        }
    }
}
