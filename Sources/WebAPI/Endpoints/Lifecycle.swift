// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer

/// `GET /-/healthy`: the process answers.
func answerHealthy(_ web: WebRequest) -> HTTPResponse { .text(200, "Nightjar is Healthy.\n") }

/// `GET /-/ready`: everything runs.
func answerReady(_ web: WebRequest) -> HTTPResponse {
    guard web.context.isReady() else {
        return .problem(
            503,
            "Service Unavailable",
            detail: "Nightjar is not ready yet",
            instance: web.request.path
        )
    }
    return .text(200, "Nightjar is Ready.\n")
}

/// `POST /-/reload`: reads the configuration anew; the old one stays where the new one is wrong.
func answerReload(_ web: WebRequest) async -> HTTPResponse {
    let report = await web.context.reload()
    let errors = report.errors
    guard !errors.isEmpty else { return .text(200, report.notes.map { $0 + "\n" }.joined()) }
    return .problem(
        400,
        "The new configuration is wrong",
        detail: errors.joined(separator: "\n"),
        instance: web.request.path,
        errors: errors
    )
}
