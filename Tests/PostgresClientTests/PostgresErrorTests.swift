import Testing

// SPDX-License-Identifier: Apache-2.0
// Nightjar
@testable import PostgresClient

@Suite struct PostgresErrorTests {
    @Test(arguments: [
        (
            "connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  28P01: password authentication failed for user \"a\"\nLOCATION:  auth_failed, auth.c:338\n",
            PostgresError.Reason.auth, "28P01"
        ),
        ("FATAL:  53300: sorry, too many clients already", .refused, "53300"),
        ("FATAL:  57P03: the database system is starting up", .refused, "57P03"),
        ("FATAL:  3D000: database \"b\" does not exist", .unsupported, "3D000"),
    ])
    func `the code of a failed login is read`(
        text: String,
        reason: PostgresError.Reason,
        state: String
    ) {
        let error = PostgresError.connecting(text, needsPassword: false)
        #expect(error.reason == reason)
        #expect(error.sqlState == state)
        #expect(!error.message.contains(state + ":"))
        #expect(error.endsConnection)
    }

    @Test(arguments: [
        (
            "connection to server at \"::1\" failed: Connection refused",
            PostgresError.Reason.refused
        ),
        ("server closed the connection unexpectedly", .refused),
        ("server does not support SSL, but SSL was required", .tls),
        ("SSL error: certificate verify failed", .tls),
        ("expected authentication request from server, but received H", .protocol),
        ("fe_sendauth: no password supplied", .auth), ("", .refused),
    ])
    func `libpq's own words have a reason`(text: String, reason: PostgresError.Reason) {
        let error = PostgresError.connecting(text, needsPassword: false)
        #expect(error.reason == reason)
        #expect(error.sqlState == nil)
    }

    @Test(arguments: [
        ("42501", PostgresError.Reason.permission, false), ("57014", .timeout, false),
        ("55P03", .timeout, false), ("42P01", .unsupported, false), ("57P01", .refused, true),
    ])
    func `a query's code has a reason, and some end the connection`(
        state: String,
        reason: PostgresError.Reason,
        ends: Bool
    ) {
        let error = PostgresError.querying("ERROR:  words", sqlState: state)
        #expect(error.reason == reason)
        #expect(error.endsConnection == ends)
    }
}
