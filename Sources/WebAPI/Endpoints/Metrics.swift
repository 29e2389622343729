// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Exposition
internal import HTTPServer

/// `GET /metrics`: the latest poll of every target and the daemon's own metrics.
func answerMetrics(_ web: WebRequest) async -> HTTPResponse {
    let format = ExpositionFormat.negotiated(accept: web.request.header("Accept"))
    let isCompressed = web.request.acceptsGzip
    let page = await web.metricsPage.page(format, isCompressed: isCompressed, of: web.context)
    var headers = [
        HTTPField("Content-Type", format.contentType), HTTPField("Vary", "Accept, Accept-Encoding"),
    ]
    if isCompressed { headers.append(HTTPField("Content-Encoding", "gzip")) }
    return HTTPResponse(200, headers, body: .buffer(page))
}
