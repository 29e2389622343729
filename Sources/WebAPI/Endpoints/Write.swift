// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import RemoteWrite

/// Takes remote write 1.0; 404 where the receiver is off.
func answerWrite(_ request: WebRequest) throws(APIError) -> HTTPResponse {
    guard let receiver = request.context.receiver else {
        throw APIError(.notFound, "the receiver of remote write is switched off")
    }
    let answer = receiver.receive(
        request.request.body,
        contentType: request.request.header("Content-Type"),
        contentEncoding: request.request.header("Content-Encoding"),
        now: request.context.now()
    )
    guard answer.status == 204 else { return .text(answer.status, answer.message + "\n") }
    return HTTPResponse(204, body: .bytes([]))
}
