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
            for (kind, notes) in [("warning", warnings), ("info", infos)] where !notes.isEmpty {
                json.key(kind + "s")
                json.array(limited(notes, kind)) { $0.string($1) }
            }
        }
        return .json(200, json)
    }

    /// The first ten annotations, and how many more there are.
    ///
    /// Source: Prometheus, util/annotations: `AsStrings`.
    private static func limited(_ notes: [String], _ kind: String) -> [String] {
        guard notes.count > 10 else { return notes }
        return notes.prefix(10) + ["\(notes.count - 10) more \(kind) annotations omitted"]
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
            for label in labels.labels { json.field(label.name.text, label.value.text) }
        }
    }

    /// Names and values as an object, sorted by name.
    mutating func dictionary(_ pairs: [String: String]) {
        object { json in
            for (name, value) in pairs.sorted(by: { $0.key < $1.key }) { json.field(name, value) }
        }
    }
}
