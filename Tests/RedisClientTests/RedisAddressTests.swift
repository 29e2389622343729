// SPDX-License-Identifier: Apache-2.0
// Nightjar
import RedisClient
import Secrets
import Testing

@Suite struct RedisAddressTests {
    @Test func `each part may be missing but the host`() throws {
        let full = try RedisAddress(parsing: "redis://us%40er:p%3Aw@cache.example:7000/3")
        #expect(
            full
                == RedisAddress(
                    host: "cache.example",
                    port: 7_000,
                    database: 3,
                    user: "us@er",
                    password: Secret("p:w")
                )
        )
        #expect(try RedisAddress(parsing: "redis://:pw@h").password?.reveal() == "pw")
        #expect(try RedisAddress(parsing: "redis://:pw@h").user == nil)
        #expect(try RedisAddress(parsing: "h:1") == RedisAddress(host: "h", port: 1))
        #expect(try RedisAddress(parsing: "redis://[::1]:7/") == RedisAddress(host: "::1", port: 7))
    }

    @Test(arguments: [
        "", "redis://", "redis://h:0", "redis://h:x", "redis://h/x", "redis://h:99999", "http://h",
        "redis://a%zz@h", "redis://[::1]x",
    ])
    func `what cannot be read is unsupported, without its text`(text: String) {
        let error = #expect(throws: RedisError.self) { try RedisAddress(parsing: text) }
        #expect(error?.reason == .unsupported)
    }

    @Test func `TLS is told apart`() {
        let error = #expect(throws: RedisError.self) { try RedisAddress(parsing: "rediss://h") }
        #expect(error?.reason == .tls)
    }
}
