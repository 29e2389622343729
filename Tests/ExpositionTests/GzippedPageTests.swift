// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CZlib
internal import Exposition
internal import Samples
internal import Testing

/// Compressed pages, unpacked by zlib, which checks their sums and lengths.
@Suite struct GzippedPageTests {
    @Test(arguments: ExpositionFormat.allCases)
    func `a compressed page unpacks to the plain one`(_ format: ExpositionFormat) throws {
        var numbers = SeededNumbers(state: 5)
        for _ in 0..<20 {
            var writer = ExpositionWriter(format: format, adding: [("cluster", "a\"b")])
            var plain = ExpositionWriter(format: format, adding: [("cluster", "a\"b")])
            var families = Self.families(&numbers)
            for _ in 0..<4 {
                let packed = writer.gzippedPage(families)
                #expect(try gunzipped(packed) == plain.page(families))
                Self.change(&families, &numbers)
            }
        }
    }

    @Test(arguments: ExpositionFormat.allCases)
    func `a page of nothing unpacks`(_ format: ExpositionFormat) throws {
        var writer = ExpositionWriter(format: format)
        let packed = writer.gzippedPage([])
        #expect(try gunzipped(packed) == Array((format == .text ? "" : "# EOF\n").utf8))
    }

    @Test(arguments: [1_000, 1_025, 4_000, 8_192, 9_000, 40_000, 70_000])
    func `labels of any length unpack`(_ length: Int) throws {
        var family = MetricFamily(name: "long", kind: .gauge, help: "Of many bytes.")
        for number in 0..<5 {
            let text = String(repeating: "ab\(number)c", count: length / 4 + number)
            family.add(Double(number), ["first": text, "then": text + "x"])
            family.add(Double(number), ["short": "\(number)"])
        }
        var writer = ExpositionWriter(format: .text)
        for _ in 0..<2 {
            #expect(
                try gunzipped(writer.gzippedPage([family]))
                    == ExpositionWriter.page([family], format: .text)
            )
        }
    }

    @Test func `series that are alike take few bytes`() throws {
        var family = MetricFamily(name: "requests_total", kind: .counter, help: "Requests.")
        for number in 0..<10_000 {
            family.add(
                Double(number * 7),
                ["instance": "10.0.0.7:8080", "job": "service", "path": "/api/v1/things/\(number)"]
            )
        }
        var writer = ExpositionWriter(format: .text)
        let first = writer.gzippedPage([family])
        let second = writer.gzippedPage([family])
        let plain = ExpositionWriter.page([family], format: .text)
        #expect(first.count < plain.count / 5)
        #expect(second.count < first.count * 9 / 10, "codes do not follow what is frequent")
    }

    /// Families of all sorts: some alike, some with nothing in common, some twice.
    private static func families(_ numbers: inout SeededNumbers) -> [MetricFamily] {
        let names = ["a_total", "requests", "h é", "a.total", "memory_bytes", "é"]
        return (0..<Int.random(in: 0..<8, using: &numbers)).map { place in
            var family = MetricFamily(
                name: names.randomElement(using: &numbers) ?? "",
                kind: MetricKind.allCases.randomElement(using: &numbers) ?? .gauge,
                help: Bool.random(using: &numbers) ? "Helps\n\\ with \"it\"." : ""
            )
            for _ in 0..<Int.random(in: 0..<40, using: &numbers) {
                var labels: [String: String] = [:]
                for name in ["instance", "le", "x y"] where Bool.random(using: &numbers) {
                    labels[name] = text(&numbers)
                }
                family.samples.append(
                    SeriesSample(
                        labels: LabelSet(
                            [("__name__", family.name)] + labels.map { ($0.key, $0.value) }
                        ),
                        value: value(&numbers),
                        time: place % 2 == 0
                            ? nil : Timestamp(milliseconds: .random(in: 0..<3, using: &numbers))
                    )
                )
            }
            return family
        }
    }

    private static func text(_ numbers: inout SeededNumbers) -> String {
        let parts = ["10.0.0.", "8080", "\"", "\\", "\n", "/api/v1/things/", "é", "aaaaaaaa", "7"]
        return (0..<Int.random(in: 0..<9, using: &numbers)).map { _ in
            parts.randomElement(using: &numbers) ?? ""
        }.joined()
    }

    private static func value(_ numbers: inout SeededNumbers) -> Double {
        switch Int.random(in: 0..<4, using: &numbers) {
        case 0: Double(bitPattern: numbers.next())
        case 1: Double(Int.random(in: 0..<100, using: &numbers))
        default: Double(Int.random(in: 0..<1_000_000, using: &numbers)) / 1_000
        }
    }

    private static func change(_ families: inout [MetricFamily], _ numbers: inout SeededNumbers) {
        for family in families.indices {
            for sample in families[family].samples.indices {
                families[family].samples[sample].value = value(&numbers)
            }
            if Bool.random(using: &numbers) { _ = families[family].samples.popLast() }
        }
    }
}

/// What a gzip file holds.
private func gunzipped(_ bytes: [UInt8]) throws -> [UInt8] {
    var stream = unsafe z_stream()
    let size = unsafe Int32(MemoryLayout<z_stream>.size)
    let begun = unsafe inflateInit2_(&stream, 31, ZLIB_VERSION, size)
    #expect(begun == Z_OK)
    defer { unsafe inflateEnd(&stream) }
    var input = bytes
    var result: [UInt8] = []
    var state = Z_OK
    unsafe input.withUnsafeMutableBufferPointer { source in
        unsafe stream.next_in = source.baseAddress
        unsafe stream.avail_in = UInt32(source.count)
        var room = [UInt8](repeating: 0, count: 65_536)
        while state == Z_OK {
            unsafe room.withUnsafeMutableBufferPointer { room in
                unsafe stream.next_out = room.baseAddress
                unsafe stream.avail_out = UInt32(room.count)
                unsafe state = inflate(&stream, Z_NO_FLUSH)
            }
            result += room[..<(room.count - Int(unsafe stream.avail_out))]
        }
    }
    #expect(state == Z_STREAM_END, "zlib says \(state)")
    let rest = unsafe stream.avail_in
    #expect(rest == 0)
    return result
}
