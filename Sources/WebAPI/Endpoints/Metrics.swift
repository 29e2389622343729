// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Exposition
internal import HTTPServer

/// `GET /metrics`: the latest poll of every target and the daemon's own metrics.
func answerMetrics(_ web: WebRequest) async -> HTTPResponse {
    let wanted = ExpositionRequest(accept: web.request.header("Accept"))
    let isCompressed = web.request.acceptsGzip
    let page = await web.pages.metrics.page(
        PageStyle(wanted),
        isCompressed: isCompressed,
        of: web.context
    )
    return .metrics(page, wanted, isCompressed: isCompressed)
}
