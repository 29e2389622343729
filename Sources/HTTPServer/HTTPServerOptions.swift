// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Secrets

/// How the port speaks TLS.
public struct TLSOptions: Sendable, Hashable {
    /// What is asked of clients.
    public enum ClientCertificate: Int32, Sendable {
        /// No certificate is asked for.
        case ignored = 0
        /// A certificate may be absent, but one that is sent must verify.
        case optional = 1
        /// A certificate that verifies is needed.
        case required = 2
    }

    /// The certificate and its chain, PEM.
    public var certificate: String
    /// The private key, PEM.
    public var key: Secret
    /// The authority that signs clients' certificates, PEM.
    public var clientAuthority: String?
    /// What is asked of clients.
    public var clientCertificate = ClientCertificate.ignored
    /// Protocols and ciphers, in GnuTLS' words: TLS 1.2 and 1.3.
    public var priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

    /// Makes options of PEM texts; a client authority makes clients' certificates required.
    public init(certificate: String, key: Secret, clientAuthority: String? = nil) {
        self.certificate = certificate
        self.key = key
        self.clientAuthority = clientAuthority
        clientCertificate = clientAuthority == nil ? .ignored : .required
    }
}

/// The server's limits; a client may be hostile.
public struct HTTPServerOptions: Sendable {
    /// Event threads; one is enough, since a pool gains nothing once a task makes the answer.
    public var threads = 1
    /// Open connections; more wait in the kernel's backlog.
    ///
    /// It leaves room below the usual 1,024 descriptors.
    public var connectionLimit = 512
    /// Open connections of one address; 0 sets no limit.
    public var perAddressLimit = 0
    /// How long a kept connection may be idle; whole seconds.
    public var idleTimeout = Duration.seconds(75)
    /// From accept to the end of the first header, the TLS handshake included.
    public var headerDeadline = Duration.seconds(10)
    /// Instead of both where nearly all connections are taken, so that others come in soon.
    public var crowdedDeadline = Duration.seconds(1)
    /// For a request's body.
    public var bodyDeadline = Duration.seconds(60)
    /// For sending an answer.
    public var writeDeadline = Duration.seconds(300)
    /// Bytes of header and buffers a connection; a longer header is answered 431.
    public var connectionMemory = 64 << 10
    /// Bytes of a request's body; a longer one is answered 413.
    public var bodyLimit = 32 << 20
    /// Bytes of all bodies that are there at once; a request beyond is answered 503.
    public var bodyMemory = 256 << 20
    /// Bytes of all answers that wait for slow readers; beyond, the slowest are cut off.
    public var answerMemory = 256 << 20
    /// TLS; nil speaks plain HTTP.
    public var tls: TLSOptions?

    /// The defaults.
    public static let standard = HTTPServerOptions()

    /// Makes the defaults.
    public init() {}
}
