// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CMicrohttpd
internal import Secrets

/// A certificate with its key, loaded; immutable, and freed when the last connection lets go.
///
/// `@unchecked Sendable`: GnuTLS only reads credentials once they are loaded, in any thread.
@safe public final class TLSCredentials: @unchecked Sendable {
    private let handle: gnutls_certificate_credentials_t
    private let mode: Int32

    /// Loads PEM texts.
    ///
    /// - Throws: `HTTPServerError` with GnuTLS' words.
    public init(_ options: TLSOptions) throws(HTTPServerError) {
        var loaded: gnutls_certificate_credentials_t?
        let code = unsafe nj_tls_load(
            &loaded,
            options.certificate,
            options.key.reveal(),
            options.clientAuthority
        )
        guard code == 0, let loaded = unsafe loaded else {
            throw HTTPServerError(
                "load TLS certificate: \(unsafe String(cString: gnutls_strerror(code)))"
            )
        }
        unsafe handle = unsafe loaded
        mode = options.clientCertificate.rawValue
    }

    deinit { unsafe gnutls_certificate_free_credentials(handle) }

    /// Gives a new session these credentials in place of those the library loaded at its start.
    func apply(to session: gnutls_session_t) { unsafe nj_tls_apply(session, handle, mode) }
}

/// The common name of a session's verified client certificate.
func clientName(of session: gnutls_session_t) -> String? {
    var name = [CChar](repeating: 0, count: 256)
    let count = unsafe nj_tls_peer_name(session, &name, name.count)
    guard count > 0 else { return nil }
    return String(decoding: name[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
