// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Why a poll failed: a closed set, so that it can be a label.
public enum FailureReason: String, Sendable, Hashable, CaseIterable {
    /// The name has no address.
    case dns
    /// Nothing accepts connections there, or the connection was cut.
    case refused
    /// The TLS handshake or a certificate failed.
    case tls
    /// The credentials are wrong.
    case auth
    /// The answer did not come in time.
    case timeout
    /// What came is not what the protocol says.
    case `protocol`
    /// The account may not do it.
    case permission
    /// The server cannot do it: too old, switched off, or another product.
    case unsupported
}
