// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Secrets

/// One request to be sent: HTTP(S), or a mail by SMTP(S) where `mail` is set.
public struct HTTPFetchRequest: Sendable {
    /// `http://`, `https://`, or for mail `smtp://` and `smtps://`.
    public var url: String
    /// The method, `GET` where nothing else is said.
    public var method = "GET"
    /// Header fields in order; a `Host` here counts instead of the address's own.
    public var headers: [HTTPHeader] = []
    /// Who we are.
    public var authorization = HTTPAuthorization.none
    /// The bytes to send, nil for none.
    public var body: [UInt8]?
    /// The most bytes of the answer's body that are taken, counted after decompression.
    public var maxBodyBytes = 10 << 20
    /// How certificates are checked and which one we show.
    public var tls = HTTPTLSOptions()
    /// How many redirects are followed; none where nothing else is said.
    public var maxRedirects = 0
    /// Whether a compressed answer is asked for and unpacked.
    public var acceptsCompression = true
    /// Whether a connection of its own is made, and closed after it.
    public var isFreshConnection = false
    /// Whether the chain of certificates is told; only a fresh connection has one.
    public var wantsCertificates = false
    /// The proxy's URL, empty for none, as the environment's proxies never count.
    public var proxy = ""
    /// Which kind of address is used.
    public var addressFamily = AddressFamily.any
    /// Whether HTTP/2 is offered over TLS.
    public var offersHTTP2 = true
    /// The sender and receivers of a mail, whose text is `body`.
    public var mail: MailEnvelope?

    /// Makes a request.
    public init(url: String, method: String = "GET", headers: [HTTPHeader] = []) {
        self.url = url
        self.method = method
        self.headers = headers
    }

    /// Kinds of addresses.
    public enum AddressFamily: Sendable, Hashable {
        case any
        case ipv4
        case ipv6
    }
}

/// A header field.
public struct HTTPHeader: Sendable, Hashable {
    /// The name as it is sent.
    public var name: String
    /// The value.
    public var value: Secret

    /// Makes a field of a value that may be shown.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = Secret(value)
    }

    /// Makes a field of a value that is never shown.
    public init(_ name: String, secret: Secret) {
        self.name = name
        value = secret
    }
}

/// How a request says who sends it.
public enum HTTPAuthorization: Sendable, Hashable {
    case none
    /// A user's name and password, for HTTP and SMTP.
    case basic(user: String, password: Secret)
    /// The header `Authorization: SCHEME CREDENTIALS`.
    case header(scheme: String, credentials: Secret)

    /// A bearer token.
    public static func bearer(_ token: Secret) -> HTTPAuthorization {
        .header(scheme: "Bearer", credentials: token)
    }
}

/// How TLS is spoken.
public struct HTTPTLSOptions: Sendable, Hashable {
    /// The authorities' certificates, PEM; empty for the system's.
    public var caFile = ""
    /// Our own certificate, PEM.
    public var certificateFile = ""
    /// Our own key, PEM.
    public var keyFile = ""
    /// Whether any certificate is taken.
    public var skipsVerification = false
    /// Whether a mail's conversation must turn to TLS (STARTTLS).
    public var isRequired = false

    /// Makes options that check against the system's authorities.
    public init() {}
}

/// The outside of a mail.
public struct MailEnvelope: Sendable, Hashable {
    /// The sender's address.
    public var from: String
    /// The receivers' addresses.
    public var recipients: [String]

    /// Makes an envelope.
    public init(from: String, recipients: [String]) {
        self.from = from
        self.recipients = recipients
    }
}
