// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CCurl

/// Reads the chain of certificates of a fresh handshake.
///
/// Source: CURLINFO_CERTINFO(3): lists of `key:value`, in OpenSSL's words.
func certificates(of handle: UnsafeMutableRawPointer) -> [HTTPCertificate] {
    var chain: UnsafeMutablePointer<curl_certinfo>?
    guard unsafe nj_getinfo_certs(handle, &chain) == CURLE_OK, let chain = unsafe chain else {
        return []
    }
    return unsafe (0..<Int(chain.pointee.num_of_certs)).map { index in
        var certificate = HTTPCertificate()
        var entry = unsafe chain.pointee.certinfo[index]
        while let current = unsafe entry {
            if let data = unsafe current.pointee.data {
                certificate.take(unsafe String(cString: data))
            }
            unsafe entry = current.pointee.next
        }
        return certificate
    }
}

extension HTTPCertificate {
    /// Takes one line.
    mutating func take(_ line: String) {
        guard let colon = line.firstIndex(of: ":") else { return }
        let value = String(line[line.index(after: colon)...])
        switch line[..<colon] {
        case "Subject": subject = value
        case "Issuer": issuer = value
        case "Serial Number": serial = value
        case "Start date": notBefore = secondsOfCertificateDate(value)
        case "Expire date": notAfter = secondsOfCertificateDate(value)
        default: break
        }
    }
}

/// Seconds since the Unix epoch of `Dec 21 07:42:25 2026 GMT`; nil for anything else.
func secondsOfCertificateDate(_ text: String) -> Int64? {
    let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let parts = text.split(separator: " ")
    guard parts.count == 5, parts[4] == "GMT", let month = months.firstIndex(of: String(parts[0])),
        let day = Int64(parts[1]), let year = Int64(parts[3])
    else { return nil }
    let clock = parts[2].split(separator: ":").compactMap { Int64($0) }
    guard clock.count == 3 else { return nil }
    // Days from 1 March of year 0, where leap days end a year.
    let (y, m) = month < 2 ? (year - 1, Int64(month) + 10) : (year, Int64(month) - 2)
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468
    return ((days * 24 + clock[0]) * 60 + clock[1]) * 60 + clock[2]
}
