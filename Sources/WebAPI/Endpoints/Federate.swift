// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Exposition
internal import HTTPServer

/// `GET /federate`: the latest sample of each selected series, with its time.
///
/// Source: Prometheus, web/federate.go.
func answerFederate(_ web: WebRequest) async throws -> HTTPResponse {
    let format = ExpositionFormat.negotiated(accept: web.request.header("Accept"))
    let isCompressed = web.request.acceptsGzip
    let page = try await web.pages.federation.page(
        try web.anySelectors(),
        format,
        isCompressed: isCompressed,
        of: web.context
    )
    return .metrics(page, format, isCompressed: isCompressed)
}

extension HTTPResponse {
    /// A page of metrics that is shared.
    static func metrics(
        _ page: ResponseBuffer,
        _ format: ExpositionFormat,
        isCompressed: Bool
    ) -> HTTPResponse {
        var headers = [
            HTTPField("Content-Type", format.contentType),
            HTTPField("Vary", "Accept, Accept-Encoding"),
        ]
        if isCompressed { headers.append(HTTPField("Content-Encoding", "gzip")) }
        return HTTPResponse(200, headers, body: .buffer(page))
    }
}
