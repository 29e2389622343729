// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import Samples
internal import SourceText

extension HTTPResponse {
    /// Prometheus' envelope around data.
    static func success(
        warnings: [String] = [],
        infos: [String] = [],
        _ data: (inout JSONWriter) -> Void
    ) -> HTTPResponse {
        var json = JSONWriter()
        json.object { json in
            json.field("status", "success")
            json.key("data")
            data(&json)
            for (name, notes) in [("warnings", warnings), ("infos", infos)] where !notes.isEmpty {
                json.key(name)
                json.array(notes) { $0.string($1) }
            }
        }
        return .json(200, json)
    }

    /// Prometheus' envelope around an error; the status is the error's unless another is given.
    static func failure(_ error: APIError, status: Int? = nil) -> HTTPResponse {
        var json = JSONWriter()
        json.object { json in
            json.field("status", "error")
            json.field("errorType", error.kind.rawValue)
            json.field("error", error.message)
        }
        return .json(status ?? error.kind.status, json)
    }

    static func json(_ status: Int, _ json: JSONWriter) -> HTTPResponse {
        HTTPResponse(
            status,
            [HTTPField("Content-Type", "application/json")],
            body: .bytes(json.bytes)
        )
    }

    /// A problem document; `errors` are further lines, one each.
    ///
    /// Source: RFC 7807.
    static func problem(
        _ status: Int,
        _ title: String,
        detail: String,
        instance: String,
        errors: [String] = []
    ) -> HTTPResponse {
        var json = JSONWriter()
        json.object { json in
            json.field("type", "about:blank")
            json.field("title", title)
            json.field("status", status)
            json.field("detail", detail)
            json.field("instance", instance)
            if !errors.isEmpty {
                json.key("errors")
                json.array(errors) { $0.string($1) }
            }
        }
        var response = HTTPResponse.json(status, json)
        response.headers = [HTTPField("Content-Type", "application/problem+json")]
        return response
    }
}

extension JSONWriter {
    /// The labels as an object.
    mutating func labels(_ labels: LabelSet) {
        object { json in
            for (name, value) in labels.pairs { json.field(name, value) }
        }
    }

    /// Names and values as an object, sorted by name.
    mutating func dictionary(_ pairs: [String: String]) {
        object { json in
            for (name, value) in pairs.sorted(by: { $0.key < $1.key }) { json.field(name, value) }
        }
    }

    /// `[seconds, "value"]`.
    mutating func sample(_ milliseconds: Int64, _ value: Double) {
        array { json in
            json.seconds(milliseconds)
            var text: [UInt8] = [UInt8(ascii: "\"")]
            text.appendShortest(value)
            text.append(UInt8(ascii: "\""))
            json.raw(text)
        }
    }

    /// Seconds with three decimals where there are milliseconds.
    mutating func seconds(_ milliseconds: Int64) {
        var text: [UInt8] = []
        if milliseconds < 0 { text.append(UInt8(ascii: "-")) }
        let size = milliseconds.magnitude
        text.appendDecimal(Int64(size / 1_000))
        if size % 1_000 != 0 {
            text += ".".utf8
            text += String(1_000 + size % 1_000).dropFirst().utf8
        }
        raw(text)
    }
}
