// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CPostgres
internal import EventIO
public import Secrets

/// Where a server is and how to log in.
public struct PostgresAddress: Sendable, Hashable {
    /// A libpq connection URI or keyword list.
    public var dsn: Secret
    /// Wins over a password in the DSN.
    public var password: Secret?
    /// Whether only the simple protocol may be used, as PgBouncer's console wants it.
    public var usesSimpleProtocol: Bool

    /// Makes an address; the DSN may hold a password and is therefore a secret.
    public init(dsn: Secret, password: Secret? = nil, usesSimpleProtocol: Bool = false) {
        self.dsn = dsn
        self.password = password
        self.usesSimpleProtocol = usesSimpleProtocol
    }

    /// The keywords for libpq, with every host name resolved.
    ///
    /// `PQconnectStart` would look names up itself and block.
    func keywords(
        before deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> [(String, String)] {
        var values = try parsed()
        if let password { values["password"] = password.reveal() }
        values["fallback_application_name"] = "nightjar"
        values["client_encoding"] = "UTF8"
        // Its default looks for Kerberos tickets, which may ask the network and block.
        if values["gssencmode"] == nil { values["gssencmode"] = "disable" }
        try await resolve(&values, before: deadline)
        return values.map { ($0.key, $0.value) }
    }

    /// The database's name in the DSN; nil where it names none.
    public var database: String? { (try? parsed())?["dbname"] }

    private func parsed() throws(PostgresError) -> [String: String] {
        var problem: UnsafeMutablePointer<CChar>?
        guard let list = unsafe PQconninfoParse(dsn.reveal(), &problem) else {
            unsafe PQfreemem(problem)
            // libpq's words quote the text, and a password may be in it.
            let message = "read the dsn: it is neither a libpq URI nor a keyword list"
            throw PostgresError(.unsupported, message, endsConnection: true)
        }
        defer { unsafe PQconninfoFree(list) }
        var values: [String: String] = [:]
        var entry = unsafe list
        while let keyword = unsafe entry.pointee.keyword {
            if let value = unsafe entry.pointee.val {
                values[unsafe String(cString: keyword)] = unsafe String(cString: value)
            }
            unsafe entry += 1
        }
        return values
    }

    private func resolve(
        _ values: inout [String: String],
        before deadline: ContinuousClock.Instant
    ) async throws(PostgresError) {
        guard let hosts = values["host"], values["hostaddr"] == nil else { return }
        let names = hosts.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard names.allSatisfy({ !$0.isEmpty && !$0.hasPrefix("/") && !$0.hasPrefix("@") }) else {
            return
        }
        let ports = (values["port"] ?? "").split(separator: ",", omittingEmptySubsequences: false)
        var resolved: [(host: String, address: String, port: String)] = []
        for (index, name) in names.enumerated() {
            let port = ports.count > 1 && index < ports.count ? ports[index] : ports.first ?? ""
            do {
                for address in try await addresses(of: name, before: deadline) {
                    resolved.append((name, address, String(port)))
                }
            } catch is TimedOut {
                throw PostgresError(.timeout, "look up \(name): no answer", endsConnection: true)
            } catch {
                throw PostgresError(.dns, "\(error)", endsConnection: true)
            }
        }
        values["host"] = resolved.map(\.host).joined(separator: ",")
        values["hostaddr"] = resolved.map(\.address).joined(separator: ",")
        values["port"] = resolved.map(\.port).joined(separator: ",")
    }
}
