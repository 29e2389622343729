// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Exposition
internal import HTTPServer

/// `GET /federate`: the latest sample of each selected series, with its time.
///
/// Source: Prometheus, web/federate.go.
func answerFederate(_ web: WebRequest) async throws -> HTTPResponse {
    let wanted = ExpositionRequest(accept: web.request.header("Accept"))
    let isCompressed = web.request.acceptsGzip
    let page = try await web.pages.federation.page(
        try web.anySelectors(),
        PageStyle(wanted),
        isCompressed: isCompressed,
        of: web.context
    )
    return .metrics(page, wanted, isCompressed: isCompressed)
}

extension HTTPResponse {
    /// A page of metrics that is shared.
    static func metrics(
        _ page: ResponseBuffer,
        _ wanted: ExpositionRequest,
        isCompressed: Bool
    ) -> HTTPResponse {
        var headers = [
            HTTPField("Content-Type", wanted.contentType),
            HTTPField("Vary", "Accept, Accept-Encoding"),
        ]
        if isCompressed { headers.append(HTTPField("Content-Encoding", "gzip")) }
        return HTTPResponse(200, headers, body: .buffer(page))
    }
}
