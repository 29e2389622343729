// SPDX-License-Identifier: Apache-2.0
// Nightjar
import HTTPFetch
import TestSupport
import Testing

/// The endpoint as senders meet it, with requests that no sender in good health makes.
@Suite(.serialized, .timeLimit(.minutes(1))) struct WriteEndpointTests {
    private let http = HTTPClient()

    private func post(
        _ address: String,
        _ body: [UInt8],
        _ headers: [String: String],
        method: String = "POST"
    ) async throws -> (status: Int, text: String) {
        var request = HTTPFetchRequest(url: address + "/api/v1/write", method: method)
        request.body = method == "POST" ? body : nil
        let standard = ["Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"]
        request.headers = standard.merging(headers) { $1 }.map { HTTPHeader($0.key, $0.value) }
        let response = try await http.send(request, before: .now + .seconds(20))
        return (response.status, response.text)
    }

    @Test func `what is no remote write 1.0 is told so, and costs nothing`() async throws {
        let deployment = try Deployment(
            """
            web: {listen: "127.0.0.1:0"}
            storage: {path: ":memory:"}
            """
        )
        try await deployment.run { address in
            let v2 = "application/x-protobuf;proto=io.prometheus.write.v2.Request"
            let second = try await post(address, [0], ["Content-Type": v2])
            #expect(second.status == 415)
            #expect(
                second.text == "io.prometheus.write.v2.Request protobuf message is not accepted by"
                    + " this server; only accepts prometheus.WriteRequest\n"
            )
            let packed = try await post(address, [0], ["Content-Encoding": "zstd"])
            #expect(packed.status == 415)
            #expect(
                packed.text == "zstd encoding (compression) is not accepted by this server;"
                    + " only snappy is acceptable\n"
            )
            let json = try await post(address, [0x7B, 0x7D], ["Content-Type": "application/json"])
            #expect(json.status == 415)
            #expect(
                json.text == "expected application/x-protobuf as the first (media) part, got"
                    + " application/json content-type\n"
            )
            // Four gigabytes, as it says.
            let bomb = try await post(address, [0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0, 0], [:])
            #expect(bomb.status == 413)
            #expect(try await post(address, Array("snap".utf8), [:]).status == 400)
            #expect(try await post(address, [], [:], method: "GET").status == 405)
            // An empty message is right, whatever version its header says.
            for version in ["0.1.0", "2.0.0", "nonsense"] {
                let header = ["X-Prometheus-Remote-Write-Version": version]
                #expect(try await post(address, [0], header).status == 204)
            }
            let counts = try await deployment.text(address + "/metrics")
            #expect(
                counts.contains("nightjar_remote_write_received_requests_total{code=\"415\"} 3")
            )
            #expect(
                counts.contains("nightjar_remote_write_received_requests_total{code=\"204\"} 3")
            )
        }
    }
}
