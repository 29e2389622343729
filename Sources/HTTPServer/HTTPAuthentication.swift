// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CCrypt
internal import EventIO
internal import Glibc
internal import Locking
public import Secrets

/// Users with the bcrypt hashes of their passwords, as in Prometheus' `basic_auth_users`, and tokens.
public final class HTTPAuthentication: Sendable {
    /// Hashes that may wait for their turn; further requests are refused without a check.
    private static let queueLimit = 16

    private struct State {
        /// The password that was last verified, so that a scrape does not pay 50 ms each time.
        var verified: [String: Secret] = [:]
        var waiting = 0
    }

    private let hashes: [String: String]
    private let tokens: [Secret]
    private let queue = BlockingQueue(label: "basic authentication")
    private let state = Lock(State())

    /// Takes the hash of each user, `$2a$`, `$2b$` or `$2y$`, and the bearer tokens.
    public init(hashes: [String: String], tokens: [Secret] = []) {
        self.hashes = hashes
        self.tokens = tokens.filter { !$0.isEmpty }
    }

    /// Whether a request carries a token, or a user's name and password.
    ///
    /// An unknown user costs as much time as a known one.
    public func allows(_ request: HTTPRequest) async -> Bool {
        if let token = bearerToken(of: request) {
            return tokens.contains { isEqual($0.reveal(), token) }
        }
        guard let (user, password) = credentials(of: request) else { return false }
        let known = state.withLock { $0.verified[user] }
        if let known, isEqual(known.reveal(), password) { return true }
        let hash = hashes[user] ?? "$2b$10$abcdefghijklmnopqrstuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu"
        let hasRoom = state.withLock { state in
            guard state.waiting < Self.queueLimit else { return false }
            state.waiting += 1
            return true
        }
        guard hasRoom else { return false }
        defer { state.withLock { $0.waiting -= 1 } }
        let isRight = (try? await queue.run { verifyBcrypt(password, hash) }) ?? false
        guard isRight, hashes[user] != nil else { return false }
        state.withLock { $0.verified[user] = Secret(password) }
        return true
    }

    /// The answer to a request that is not allowed.
    public static let refusal = HTTPResponse(
        401,
        [
            HTTPField("WWW-Authenticate", "Basic realm=\"nightjar\", charset=\"UTF-8\""),
            HTTPField("Content-Type", "text/plain; charset=utf-8"),
        ],
        body: .bytes(Array("Unauthorized\n".utf8))
    )

    private func bearerToken(of request: HTTPRequest) -> String? {
        guard let value = request.header("Authorization"),
            value.lowercased().hasPrefix("bearer ")
        else { return nil }
        return String(value.dropFirst(7))
    }

    private func credentials(of request: HTTPRequest) -> (user: String, password: String)? {
        guard let value = request.header("Authorization"),
            value.lowercased().hasPrefix("basic "),
            let bytes = base64Decoded(value.dropFirst(6)),
            let cut = bytes.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        return (
            String(decoding: bytes[..<cut], as: UTF8.self),
            String(decoding: bytes[(cut + 1)...], as: UTF8.self)
        )
    }
}

/// Whether `password` gives the bcrypt `hash`; takes about 50 ms at cost 10.
func verifyBcrypt(_ password: String, _ hash: String) -> Bool {
    // libcrypt does not know PHP's `$2y$`, which is `$2b$` under another name, in every version.
    let setting = hash.hasPrefix("$2y$") ? "$2b$" + hash.dropFirst(4) : hash
    var memory: UnsafeMutableRawPointer?
    var size: Int32 = 0
    defer { unsafe free(memory) }
    guard let made = unsafe crypt_ra(password, setting, &memory, &size) else { return false }
    return isEqual(unsafe String(cString: made), setting)
}

/// Compares in a time that does not depend on where the texts differ.
func isEqual(_ a: String, _ b: String) -> Bool {
    guard a.utf8.count == b.utf8.count else { return false }
    return zip(a.utf8, b.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
}

/// Decodes base64; nil where it is broken.
func base64Decoded(_ text: Substring) -> [UInt8]? {
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    for byte in text.utf8 where byte != UInt8(ascii: "=") && byte != UInt8(ascii: " ") {
        let value: UInt8
        switch byte {
        case 65...90: value = byte - 65
        case 97...122: value = byte - 71
        case 48...57: value = byte + 4
        case UInt8(ascii: "+"): value = 62
        case UInt8(ascii: "/"): value = 63
        default: return nil
        }
        bits = bits << 6 | UInt32(value)
        count += 6
        if count >= 8 {
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
    }
    return bytes
}
