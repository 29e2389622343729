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

/// `/api/v1/status/runtimeinfo`: since when it runs and on what; what only Go has is empty.
///
/// Source: Prometheus, web/api/v1/api.go: `RuntimeInfo`.
func answerRuntimeInformation(_ web: WebRequest) -> HTTPResponse {
    let runtime = web.context.runtime()
    return .success { json in
        json.object { json in
            json.field("startTime", TimeText.text(of: web.context.startTime))
            json.field("CWD", runtime.folder)
            json.field("hostname", runtime.host)
            json.field("serverTime", TimeText.text(of: web.context.now()))
            json.field("reloadConfigSuccess", runtime.hasReloaded)
            json.field("lastConfigTime", TimeText.text(of: runtime.lastReload))
            json.field("corruptionCount", 0)
            json.field("goroutineCount", runtime.threads)
            json.field("GOMAXPROCS", runtime.processors)
            json.field("GOMEMLIMIT", 0)
            json.field("GOGC", "")
            json.field("GODEBUG", "")
            json.field("storageRetention", web.context.retention)
        }
    }
}

/// `/api/v1/alertmanagers`: those that alerts are forwarded to.
func answerAlertmanagers(_ web: WebRequest) -> HTTPResponse {
    .success { json in
        json.object { json in
            json.key("activeAlertmanagers")
            json.array(web.context.alertmanagers) { json, url in
                json.object { $0.field("url", url) }
            }
            json.key("droppedAlertmanagers")
            json.array { _ in }
        }
    }
}
