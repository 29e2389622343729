// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import SourceText

/// `/api/v1/admin/tsdb/*`: nothing is deleted over HTTP; Prometheus says the same where it is not told otherwise.
///
/// Source: Prometheus, web/api/v1/api.go: `deleteSeries`, `snapshot`, `cleanTombstones`.
func answerAdministration(_ web: WebRequest) throws(APIError) -> HTTPResponse {
    throw APIError(.unavailable, "admin APIs disabled")
}

/// `/api/v1/read`: remote read.
func answerRemoteRead(_ web: WebRequest) throws(APIError) -> HTTPResponse {
    throw APIError(.notFound, "remote read is not offered; use /api/v1/query_range or /federate")
}

/// `/api/v1/otlp/v1/metrics`: metrics of OpenTelemetry.
func answerOpenTelemetry(_ web: WebRequest) throws(APIError) -> HTTPResponse {
    throw APIError(.notFound, "OTLP is not taken; remote write is, at /api/v1/write")
}

/// `/api/v1/notifications`: what Prometheus' own page would tell its reader; there is nothing to tell.
///
/// What Nightjar sent about alerts is at `/api/nightjar/notifications`. Source: Prometheus 3,
/// web/api/v1/api.go: `notifications`.
func answerServerNotifications(_ web: WebRequest) -> HTTPResponse {
    .success { $0.array { _ in } }
}
