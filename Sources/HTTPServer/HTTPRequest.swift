// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A name with its value, of a header or a form; names of headers differ without regard to case.
public struct HTTPField: Sendable, Hashable {
    /// The name as it was sent.
    public var name: String
    /// The value.
    public var value: String

    /// Pairs a name and a value.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A request with its whole body.
public struct HTTPRequest: Sendable {
    /// `GET`, `POST` and so on, as sent.
    public var method: String
    /// The raw target, as sent: `/a%20b?x=1`.
    public var target: String
    /// The path, percent-decoded, without the query; `..` comes through.
    public var path: String
    /// The query's parameters in order, repeated names kept.
    public var query: [HTTPField]
    /// The headers in order.
    public var headers: [HTTPField]
    /// The client's address and port; `unix` for a Unix socket.
    public var remoteAddress: String
    /// The common name of a verified client certificate.
    public var clientName: String?
    /// The body, at most `bodyLimit` bytes.
    public var body: [UInt8] = []

    /// Makes a request out of a target, as a server does, and tests.
    public init(
        method: String = "GET",
        target: String,
        headers: [HTTPField] = [],
        remoteAddress: String = "",
        body: [UInt8] = []
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.remoteAddress = remoteAddress
        self.body = body
        let cut = target.utf8.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
        path = percentDecoded(target[..<cut], plusIsSpace: false)
        query = cut < target.endIndex ? formFields(target[target.index(after: cut)...]) : []
    }

    /// The first header of a name, in any case.
    public func header(_ name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name.lowercased() == name }?.value
    }

    /// The parameters of a form in the body, and after them the query's, as Go's `Request.Form` has them.
    public var parameters: [HTTPField] { formBody.map { formFields($0) + query } ?? query }

    /// Why parameters were left out, in Go's words; nil where none was.
    public var formFault: String? {
        let cut = target.utf8.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
        return [formBody, target[cut...].dropFirst()].lazy.compactMap { $0 }
            .compactMap(firstFormFault).first
    }

    /// The form in the body of a method that has one.
    private var formBody: Substring? {
        guard ["POST", "PUT", "PATCH"].contains(method), let type = header("Content-Type"),
            let kind = type.split(separator: ";").first,
            kind.lowercased().filter({ $0 != " " }) == "application/x-www-form-urlencoded"
        else { return nil }
        return String(decoding: body, as: UTF8.self)[...]
    }
}
