// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPFetch
internal import Samples
internal import Secrets
internal import SourceText

extension Credential {
    /// The secret itself, as it is now; nil where it cannot be read.
    var record: JSONValue? { (try? secret()).map { .string($0.reveal()) } }

    init?(record: JSONValue?) {
        guard let text = record?.string else { return nil }
        self.init(Secret(text))
    }
}

extension HTTPOptions {
    var record: JSONValue {
        .members([
            "authorization": (try? authorization?())?.record,
            "ca_file": .filled(tls.caFile),
            "cert_file": .filled(tls.certificateFile),
            "key_file": .filled(tls.keyFile),
            "insecure_skip_verify": .bool(tls.skipsVerification),
            "headers": .array(
                headers.map { .array([.string($0.name), .string($0.value.reveal())]) }
            ),
            "proxy": .filled(proxy),
            "max_redirects": .number(Double(maxRedirects)),
        ])
    }

    init(record: JSONValue?) {
        self.init()
        if let authorization = HTTPAuthorization(record: record?["authorization"]) {
            self.authorization = { authorization }
        }
        tls.caFile = record?["ca_file"]?.string ?? ""
        tls.certificateFile = record?["cert_file"]?.string ?? ""
        tls.keyFile = record?["key_file"]?.string ?? ""
        tls.skipsVerification = record?["insecure_skip_verify"]?.bool ?? false
        headers = (record?["headers"]?.array ?? []).map {
            HTTPHeader($0[0]?.string ?? "", $0[1]?.string ?? "")
        }
        proxy = record?["proxy"]?.string ?? ""
        maxRedirects = Int(record?["max_redirects"]?.number ?? 0)
    }
}

extension HTTPAuthorization {
    fileprivate var record: JSONValue? {
        switch self {
        case .none: nil
        case .basic(let user, let password):
            .members(["user": .string(user), "password": .string(password.reveal())])
        case .header(let scheme, let credentials):
            .members(["scheme": .string(scheme), "credentials": .string(credentials.reveal())])
        }
    }

    fileprivate init?(record: JSONValue?) {
        if let user = record?["user"]?.string {
            self = .basic(user: user, password: Secret(record?["password"]?.string ?? ""))
        } else if let scheme = record?["scheme"]?.string {
            let credentials = Secret(record?["credentials"]?.string ?? "")
            self = .header(scheme: scheme, credentials: credentials)
        } else {
            return nil
        }
    }
}

extension JSONValue {
    static func length(_ duration: Duration) -> JSONValue {
        .number(Double(duration.milliseconds))
    }

    var length: Duration? {
        guard let number, abs(number) < 9e15 else { return nil }
        return .milliseconds(Int64(number))
    }

    /// Adds the texts of some options, by their names.
    mutating func add<Options>(
        texts: [(String, WritableKeyPath<Options, String>)],
        of options: Options
    ) {
        for (name, path) in texts { add(name, options[keyPath: path]) }
    }

    /// Adds those texts of some options that are set.
    mutating func add<Options>(
        texts: [(String, WritableKeyPath<Options, String?>)],
        of options: Options
    ) {
        for (name, path) in texts {
            if let text = options[keyPath: path] { add(name, text) }
        }
    }

    private mutating func add(_ name: String, _ text: String) {
        guard case .object(let members) = self else { return }
        self = .object(members + [Member(key: name, value: .string(text))])
    }

    /// Sets the texts of some options that are kept.
    func read<Options>(
        texts: [(String, WritableKeyPath<Options, String>)],
        into options: inout Options
    ) {
        for (name, path) in texts {
            if let text = self[name]?.string { options[keyPath: path] = text }
        }
    }

    /// Sets the texts of some options that are kept.
    func read<Options>(
        texts: [(String, WritableKeyPath<Options, String?>)],
        into options: inout Options
    ) {
        for (name, path) in texts { options[keyPath: path] = self[name]?.string }
    }
}
