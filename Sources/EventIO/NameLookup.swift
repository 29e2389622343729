// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Dispatch
internal import Glibc

/// Why a name has no address.
public struct NameLookupError: Error, Sendable, CustomStringConvertible {
    /// The name that was asked for.
    public let name: String
    /// The resolver's words.
    public let message: String

    /// `look up NAME: why it failed`.
    public var description: String { "look up \(name): \(message)" }
}

/// Resolves `name` to numeric addresses, IPv4 and IPv6, in the resolver's order.
///
/// It runs on a global Dispatch queue: `getaddrinfo` blocks. A numeric address comes back at once.
///
/// - Throws: `NameLookupError`, `TimedOut` at the deadline, `CancellationError`.
public func addresses(
    of name: String,
    before deadline: ContinuousClock.Instant
) async throws -> [String] {
    let outcome = Outcome<[String]>()
    DispatchQueue.global().async {
        outcome.finish(Result { try lookUp(name) })
    }
    DispatchQueue.global().asyncAfter(deadline: .now() + max(0, (deadline - .now).seconds)) {
        outcome.finish(.failure(TimedOut()))
    }
    return try await outcome.value()
}

private func lookUp(_ name: String) throws -> [String] {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = unsafe getaddrinfo(name, nil, &hints, &list)
    guard code == 0 else {
        throw NameLookupError(name: name, message: unsafe String(cString: gai_strerror(code)))
    }
    defer { unsafe freeaddrinfo(list) }
    var result: [String] = []
    var next = unsafe list
    while let entry = unsafe next {
        var host = [CChar](repeating: 0, count: 64)
        let code = unsafe getnameinfo(
            entry.pointee.ai_addr,
            entry.pointee.ai_addrlen,
            &host,
            64,
            nil,
            0,
            NI_NUMERICHOST
        )
        let bytes = host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let text = String(decoding: bytes, as: UTF8.self)
        if code == 0, !result.contains(text) { result.append(text) }
        unsafe next = entry.pointee.ai_next
    }
    return result
}
