// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CCurl
internal import EventIO
internal import Secrets

/// One request on its way.
///
/// `@unchecked Sendable`: made by the caller, then touched by the engine's thread only.
@safe final class Transfer: @unchecked Sendable {
    /// A header block larger than this is cut: more comes from hostile servers only.
    private static let maxHeaders = 256

    let id: UInt64
    private let request: HTTPFetchRequest
    private let deadline: ContinuousClock.Instant
    private let outcome: Outcome<HTTPFetchResponse>
    private(set) var handle: UnsafeMutableRawPointer?
    private var lists: [UnsafeMutablePointer<curl_slist>] = unsafe []
    private let words = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private var body: [UInt8] = []
    private var headers: [(name: String, value: String)] = []
    private var isTooLarge = false
    private var sent = 0

    init(
        _ id: UInt64,
        _ request: HTTPFetchRequest,
        _ deadline: ContinuousClock.Instant,
        _ outcome: Outcome<HTTPFetchResponse>
    ) {
        self.id = id
        self.request = request
        self.deadline = deadline
        self.outcome = outcome
        unsafe words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        while let list = unsafe lists.popLast() { unsafe curl_slist_free_all(list) }
        unsafe words.deallocate()
    }

    /// Ends without an answer.
    func fail(_ reason: HTTPFetchError.Reason, _ message: String, code: Int = 0) {
        let text = "\(redacted(url: request.url)): \(message)"
        outcome.finish(.failure(HTTPFetchError(reason, text, code: code)))
    }
}

// MARK: - What is asked

extension Transfer {
    /// Tells libcurl everything about the request; false where it has failed already.
    func configure(_ handle: UnsafeMutableRawPointer) -> Bool {
        unsafe self.handle = unsafe handle
        let left = deadline - .now
        let leftMs =
            left.components.seconds * 1_000 + left.components.attoseconds / 1_000_000_000_000_000
        guard leftMs > 0 else {
            fail(.timeout, "the deadline has passed")
            return false
        }
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_TIMEOUT_MS, Int(leftMs))
        set(CURLOPT_URL, request.url)
        set(CURLOPT_PROXY, request.proxy)
        set(CURLOPT_PROTOCOLS_STR, request.mail == nil ? "http,https" : "smtp,smtps")
        set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
        set(CURLOPT_FOLLOWLOCATION, request.maxRedirects > 0 ? 1 : 0)
        set(CURLOPT_MAXREDIRS, request.maxRedirects)
        // A POST that became a GET would be answered well, and its body lost.
        set(CURLOPT_POSTREDIR, Int(CURL_REDIR_POST_301 | CURL_REDIR_POST_302))
        if request.acceptsCompression { set(CURLOPT_ACCEPT_ENCODING, "") }
        let version = request.offersHTTP2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1
        set(CURLOPT_HTTP_VERSION, version)
        let family: Int =
            switch request.addressFamily {
            case .any: 0
            case .ipv4: 1
            case .ipv6: 2
            }
        set(CURLOPT_IPRESOLVE, family)
        if request.isFreshConnection {
            set(CURLOPT_FRESH_CONNECT, 1)
            set(CURLOPT_FORBID_REUSE, 1)
        }
        configureTLS()
        configureAuthorization()
        if request.mail == nil { configureMethod() } else { configureMail() }
        unsafe configureCallbacks(handle)
        return true
    }

    private func set(_ option: CURLoption, _ value: Int) {
        guard let handle = unsafe handle else { return }
        _ = unsafe nj_setopt_long(handle, option, value)
    }

    private func set(_ option: CURLoption, _ value: String) {
        guard let handle = unsafe handle else { return }
        _ = unsafe nj_setopt_str(handle, option, value)
    }

    private func set(_ option: CURLoption, list values: [String]) {
        var list: UnsafeMutablePointer<curl_slist>?
        for value in values { unsafe list = unsafe curl_slist_append(list, value) }
        guard let list = unsafe list, let handle = unsafe handle else { return }
        unsafe lists.append(list)
        _ = unsafe nj_setopt_ptr(handle, option, list)
    }

    private func configureTLS() {
        let tls = request.tls
        if !tls.caFile.isEmpty { set(CURLOPT_CAINFO, tls.caFile) }
        if !tls.certificateFile.isEmpty { set(CURLOPT_SSLCERT, tls.certificateFile) }
        if !tls.keyFile.isEmpty { set(CURLOPT_SSLKEY, tls.keyFile) }
        if tls.skipsVerification {
            set(CURLOPT_SSL_VERIFYPEER, 0)
            set(CURLOPT_SSL_VERIFYHOST, 0)
        }
        if tls.isRequired { set(CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue)) }
        if request.wantsCertificates { set(CURLOPT_CERTINFO, 1) }
    }

    private func configureAuthorization() {
        guard case .basic(let user, let password) = request.authorization else { return }
        set(CURLOPT_HTTPAUTH, 1)  // CURLAUTH_BASIC, a macro that does not import
        set(CURLOPT_USERNAME, user)
        set(CURLOPT_PASSWORD, password.reveal())
    }

    private func configureMethod() {
        // Without the empty Expect, libcurl waits a second for leave to send a large body.
        var lines = ["Expect:"]
        for header in request.headers {
            let value = header.value.reveal()
            // A value with a line end would be a second header; no such field is sent.
            guard
                !"\(header.name)\(value)".unicodeScalars.contains(where: {
                    $0.value < 32 && $0 != "\t"
                })
            else { continue }
            lines.append(value.isEmpty ? "\(header.name);" : "\(header.name): \(value)")
        }
        if case .header(let scheme, let credentials) = request.authorization {
            lines.append("Authorization: \(scheme) \(credentials.reveal())")
        }
        set(CURLOPT_HTTPHEADER, list: lines)
        if let body = request.body, let handle = unsafe handle {
            _ = unsafe nj_setopt_off(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
            unsafe body.withUnsafeBytes { bytes in
                let start = unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)
                _ = unsafe nj_setopt_ptr(handle, CURLOPT_COPYPOSTFIELDS, start)
            }
            if body.isEmpty { set(CURLOPT_POSTFIELDS, "") }
        }
        if request.method == "HEAD" {
            set(CURLOPT_NOBODY, 1)
        } else if request.method != (request.body == nil ? "GET" : "POST") {
            set(CURLOPT_CUSTOMREQUEST, request.method)
        }
    }

    private func configureMail() {
        guard let mail = request.mail, let handle = unsafe handle else { return }
        set(CURLOPT_MAIL_FROM, "<\(mail.from)>")
        set(CURLOPT_MAIL_RCPT, list: mail.recipients.map { "<\($0)>" })
        set(CURLOPT_UPLOAD, 1)
        unsafe _ = nj_setopt_ptr(
            handle,
            CURLOPT_READDATA,
            Unmanaged.passUnretained(self).toOpaque()
        )
        unsafe _ = nj_setopt_write(handle, CURLOPT_READFUNCTION) { target, size, count, context in
            guard let target = unsafe target, let context = unsafe context else { return 0 }
            return unsafe Transfer.from(context).give(target, size * count)
        }
    }

    private func configureCallbacks(_ handle: UnsafeMutableRawPointer) {
        // Unretained: the engine keeps the transfer while libcurl may call.
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        _ = unsafe nj_setopt_ptr(handle, CURLOPT_ERRORBUFFER, words)
        _ = unsafe nj_setopt_ptr(handle, CURLOPT_PRIVATE, context)
        _ = unsafe nj_setopt_ptr(handle, CURLOPT_WRITEDATA, context)
        _ = unsafe nj_setopt_ptr(handle, CURLOPT_HEADERDATA, context)
        _ = unsafe nj_setopt_write(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
            let buffer = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
            return unsafe Transfer.from(context).take(buffer)
        }
        _ = unsafe nj_setopt_write(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
            let buffer = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
            unsafe Transfer.from(context).takeHeader(String(decoding: buffer, as: UTF8.self))
            return size * count
        }
    }
}

// MARK: - What comes

extension Transfer {
    /// The transfer behind libcurl's context pointer.
    static func from(_ context: UnsafeMutableRawPointer) -> Transfer {
        unsafe Unmanaged<Transfer>.fromOpaque(UnsafeRawPointer(context)).takeUnretainedValue()
    }

    /// Takes a part of the body; less than all of it makes libcurl give up.
    private func take(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard body.count + bytes.count <= request.maxBodyBytes else {
            isTooLarge = true
            return 0
        }
        unsafe body.append(contentsOf: bytes)
        return bytes.count
    }

    private func takeHeader(_ line: String) {
        let line = line.trimmed
        if line.hasPrefix("HTTP/") { headers.removeAll() }
        guard let colon = line.utf8.firstIndex(of: 58), headers.count < Self.maxHeaders,
            !line.hasPrefix("HTTP/")
        else { return }
        let value = String(line[line.utf8.index(after: colon)...]).trimmed
        headers.append((line[..<colon].lowercased(), value))
    }

    /// Gives the next part of a mail.
    private func give(_ target: UnsafeMutablePointer<CChar>, _ size: Int) -> Int {
        let text = request.body ?? []
        let part = text[sent..<min(text.count, sent + size)]
        unsafe UnsafeMutableRawBufferPointer(start: target, count: size).copyBytes(from: part)
        sent += part.count
        return part.count
    }

    /// Decides the outcome by libcurl's verdict.
    func finish(_ handle: UnsafeMutableRawPointer, _ code: CURLcode) {
        guard code == CURLE_OK else {
            let buffer = unsafe String(cString: words)
            let message = unsafe buffer.isEmpty ? String(cString: curl_easy_strerror(code)) : buffer
            let number = Int(code.rawValue)
            guard !isTooLarge else {
                let limit = request.maxBodyBytes
                fail(.tooLarge, "the answer is larger than \(limit) bytes", code: number)
                return
            }
            // Once there is a connection, what is not supported is the version of the answer.
            let isAnswer =
                unsafe code == CURLE_UNSUPPORTED_PROTOCOL
                && !text(handle, CURLINFO_PRIMARY_IP).isEmpty
            let reason = isAnswer ? .protocolError : HTTPFetchError.Reason(code)
            fail(reason, message, code: number)
            return
        }
        var response = HTTPFetchResponse()
        response.status = unsafe integer(handle, CURLINFO_RESPONSE_CODE)
        response.headers = headers
        response.body = body
        response.phases = unsafe phases(handle)
        response.address = unsafe text(handle, CURLINFO_PRIMARY_IP)
        response.effectiveURL = unsafe text(handle, CURLINFO_EFFECTIVE_URL)
        response.redirects = unsafe integer(handle, CURLINFO_REDIRECT_COUNT)
        let versions = [1: "1.0", 2: "1.1", 3: "2", 30: "3"]
        response.version = versions[unsafe integer(handle, CURLINFO_HTTP_VERSION)] ?? ""
        if request.wantsCertificates { response.certificates = unsafe certificates(of: handle) }
        outcome.finish(.success(response))
    }

    private func phases(_ handle: UnsafeMutableRawPointer) -> HTTPPhases {
        func seconds(_ info: CURLINFO) -> Double {
            var value: curl_off_t = 0
            _ = unsafe nj_getinfo_off(handle, info, &value)
            return Double(value) / 1e6
        }
        let resolved = seconds(CURLINFO_NAMELOOKUP_TIME_T)
        let connected = seconds(CURLINFO_CONNECT_TIME_T)
        let secured = seconds(CURLINFO_APPCONNECT_TIME_T)
        let first = seconds(CURLINFO_STARTTRANSFER_TIME_T)
        let total = seconds(CURLINFO_TOTAL_TIME_T)
        var phases = HTTPPhases()
        phases.resolve = resolved
        phases.connect = max(0, connected - resolved)
        phases.tls = max(0, secured - connected)
        phases.processing = max(0, first - max(connected, secured))
        phases.transfer = max(0, total - first)
        phases.total = total
        return phases
    }

    private func integer(_ handle: UnsafeMutableRawPointer, _ info: CURLINFO) -> Int {
        var value = 0
        _ = unsafe nj_getinfo_long(handle, info, &value)
        return value
    }

    private func text(_ handle: UnsafeMutableRawPointer, _ info: CURLINFO) -> String {
        var value: UnsafeMutablePointer<CChar>?
        _ = unsafe nj_getinfo_str(handle, info, &value)
        return unsafe value.map { unsafe String(cString: $0) } ?? ""
    }
}

extension String {
    /// Without white space at both ends.
    fileprivate var trimmed: String {
        let space: Set<Unicode.Scalar> = [" ", "\t", "\r", "\n"]
        var scalars = unicodeScalars[...]
        while let last = scalars.last, space.contains(last) { scalars.removeLast() }
        return String(scalars.drop { space.contains($0) })
    }
}
