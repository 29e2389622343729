// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import Secrets
internal import Testing

struct CodingTests {
    @Test(arguments: [
        ("gzip", true), ("deflate, gzip;q=0.5", true), ("*", true), ("gzip;q=0", false),
        ("gzip; q=0", false), ("identity", false), ("", false),
    ])
    func `gzip is used where the client reads it`(_ header: String, _ accepted: Bool) {
        let request = HTTPRequest(target: "/", headers: [HTTPField("accept-encoding", header)])
        #expect(request.acceptsGzip == accepted)
    }

    @Test func `gzip shrinks what repeats and has its magic number`() {
        let packed = gzipped(Array(repeating: 65, count: 100_000))
        #expect(packed.count < 1_000)
        #expect(packed.prefix(3) == [0x1F, 0x8B, 8])
    }

    @Test func `gzip of nothing is a whole empty member`() {
        #expect(gzipped([]).count == 20)
    }

    @Test(arguments: [("%", "%"), ("%4", "%4"), ("%zz", "%zz"), ("a%41%", "aA%"), ("+", "+")])
    func `a broken escape stays as it is`(_ text: String, _ decoded: String) {
        #expect(percentDecoded(text[...], plusIsSpace: false) == decoded)
    }

    /// The hash is `secret` at cost 4, so that the test is quick.
    @Test(arguments: [
        ("Z3JhZmFuYTpzZWNyZXQ=", true), ("Z3JhZmFuYTp3cm9uZw==", false),
        ("bm9ib2R5OnNlY3JldA==", false),
        ("***", false),
    ])
    func `basic authentication checks bcrypt hashes`(_ value: String, _ allowed: Bool) async {
        let users = HTTPAuthentication(hashes: [
            "grafana": "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"
        ])
        let headers = [HTTPField("Authorization", "Basic \(value)")]
        let request = HTTPRequest(target: "/", headers: headers)
        #expect(await users.allows(request) == allowed)
        #expect(await users.allows(request) == allowed)
        #expect(await !users.allows(HTTPRequest(target: "/")))
    }

    @Test(arguments: [
        ("Bearer abc", true), ("bearer abc", true), ("Bearer ab", false), ("Bearer ", false),
    ])
    func `a bearer token is compared whole`(_ value: String, _ allowed: Bool) async {
        let access = HTTPAuthentication(hashes: [:], tokens: [Secret("abc"), Secret("")])
        let request = HTTPRequest(target: "/", headers: [HTTPField("Authorization", value)])
        #expect(await access.allows(request) == allowed)
    }
}
