// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// What came back; any status is an answer.
public struct HTTPFetchResponse: Sendable {
    /// The status, such as 200; of a mail the server's last reply code.
    public internal(set) var status = 0
    /// The header fields of the last answer, names in lower case.
    public internal(set) var headers: [(name: String, value: String)] = []
    /// The body, decompressed.
    public internal(set) var body: [UInt8] = []
    /// How long each part took.
    public internal(set) var phases = HTTPPhases()
    /// The address that was talked to, empty where unknown.
    public internal(set) var address = ""
    /// The version, `1.0`, `1.1`, `2` or `3`.
    public internal(set) var version = ""
    /// How many redirects were followed.
    public internal(set) var redirects = 0
    /// The URL after redirects.
    public internal(set) var effectiveURL = ""
    /// The server's certificates from its own upwards, where they were asked for.
    public internal(set) var certificates: [HTTPCertificate] = []

    /// Makes an empty answer.
    init() {}

    /// Whether the status is 200 to 299.
    public var isSuccess: Bool { (200...299).contains(status) }

    /// The body as text, with broken UTF-8 repaired.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The first value of a header field, whatever the letters' case; nil where it is missing.
    public func header(_ name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name == name }?.value
    }
}

/// How long the parts of a request took, each by itself, in seconds.
public struct HTTPPhases: Sendable, Hashable {
    /// Looking up the name.
    public var resolve = 0.0
    /// Connecting.
    public var connect = 0.0
    /// The TLS handshake, 0 without TLS.
    public var tls = 0.0
    /// From there to the first byte of the answer.
    public var processing = 0.0
    /// From the first byte to the last.
    public var transfer = 0.0
    /// All of it.
    public var total = 0.0

    /// Makes phases of no length.
    public init() {}
}

/// What a server's certificate says.
public struct HTTPCertificate: Sendable, Hashable {
    /// The subject as OpenSSL prints it.
    public var subject = ""
    /// The issuer as OpenSSL prints it.
    public var issuer = ""
    /// The serial number in hexadecimal.
    public var serial = ""
    /// When it starts to count, in seconds since the Unix epoch.
    public var notBefore: Int64?
    /// When it ends, in seconds since the Unix epoch.
    public var notAfter: Int64?
}
