// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// An answer.
public struct HTTPResponse: Sendable {
    /// What is sent after the header.
    public enum Body: Sendable {
        /// Bytes of this answer alone.
        case bytes([UInt8])
        /// The socket is fed from this memory, which many answers may share.
        case buffer(ResponseBuffer)
        /// Chunks as they are made; the writer waits for a slow client.
        case stream(@Sendable (BodyWriter) async throws -> Void)
    }

    /// The status code.
    public var status: Int
    /// The headers; a length, a date and what keeps the connection are added by the library.
    public var headers: [HTTPField]
    /// The body.
    public var body: Body

    /// Makes an answer.
    public init(_ status: Int, _ headers: [HTTPField] = [], body: Body) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Makes an answer of plain text.
    public static func text(_ status: Int, _ text: String) -> HTTPResponse {
        HTTPResponse(
            status,
            [HTTPField("Content-Type", "text/plain; charset=utf-8")],
            body: .bytes(Array(text.utf8))
        )
    }
}
