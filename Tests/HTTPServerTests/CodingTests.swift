// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CZlib
internal import HTTPServer
internal import Secrets
internal import Testing

struct CodingTests {
    @Test(arguments: [
        ("gzip", true), ("deflate, gzip;q=0.5", true), ("*", true), ("gzip;q=0", false),
        ("gzip; q=0", false), ("identity", false), ("", false), ("gzip;q=0.000", false),
        ("gzip;q=0, *", false), ("*;q=0, gzip", true), ("*;q=0", false), ("GZIP", true),
        ("x-gzip", false), ("br, deflate", false), ("gzip;q=1;x=0", true), (",,;q=0,gzip", true),
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

    @Test(arguments: [0, 1, 100, 65_535, 65_536, 1_000_000])
    func `zlib reads what was compressed`(_ count: Int) {
        var random = SystemRandomNumberGenerator()
        let noise = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let text = (0..<count).map { UInt8(48 + $0 * $0 / 97 % 10) }
        for bytes in [noise, text] {
            #expect(gunzipped(gzipped(bytes), room: count + 1) == bytes)
        }
    }

    @Test(arguments: [("%", "%"), ("%4", "%4"), ("%zz", "%zz"), ("a%41%", "aA%"), ("+", "+")])
    func `a broken escape stays as it is`(_ text: String, _ decoded: String) {
        #expect(percentDecoded(text[...], plusIsSpace: false) == decoded)
    }

    @Test(arguments: [
        ("a=%zz&b=1", #"invalid URL escape "%zz""#), ("a=1&b=%4", #"invalid URL escape "%4""#),
        ("%=1", #"invalid URL escape "%=1""#),
        ("a=1;b=2&c=3", "invalid semicolon separator in query"),
    ])
    func `a pair of a form that is broken is left out and told`(_ form: String, _ fault: String) {
        for method in ["GET", "POST"] {
            let request = HTTPRequest(
                method: method,
                target: method == "GET" ? "/x?" + form : "/x",
                headers: [HTTPField("Content-Type", "application/x-www-form-urlencoded")],
                body: method == "GET" ? [] : Array(form.utf8)
            )
            #expect(request.formFault == fault)
            #expect(request.parameters.count < 2)
        }
        #expect(HTTPRequest(target: "/x?a=%41&b").formFault == nil)
    }

    @Test func `a form comes before the query, and only where a body has one`() {
        let kinds = [
            ("POST", "Application/X-WWW-Form-URLEncoded ; charset=utf-8", ["form", "query"]),
            ("POST", "text/plain", ["query"]),
            ("GET", "application/x-www-form-urlencoded", ["query"]),
        ]
        for (method, kind, values) in kinds {
            let request = HTTPRequest(
                method: method,
                target: "/x?a=query",
                headers: [HTTPField("content-type", kind)],
                body: Array("a=form".utf8)
            )
            #expect(request.parameters.map(\.value) == values)
        }
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

/// Reads a file of gzip by another library than the one that writes them; nil where it is not whole.
private func gunzipped(_ packed: [UInt8], room: Int) -> [UInt8]? {
    var stream = unsafe z_stream()
    guard unsafe nj_inflate_init_gzip(&stream) == Z_OK else { return nil }
    defer { unsafe inflateEnd(&stream) }
    var input = packed
    var isWhole = false
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: room) { output, count in
        unsafe input.withUnsafeMutableBufferPointer { input in
            unsafe stream.next_in = input.baseAddress
            unsafe stream.avail_in = UInt32(input.count)
            unsafe stream.next_out = output.baseAddress
            unsafe stream.avail_out = UInt32(room)
            isWhole = unsafe inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_in == 0
            count = unsafe room - Int(stream.avail_out)
        }
    }
    return isWhole ? bytes : nil
}
