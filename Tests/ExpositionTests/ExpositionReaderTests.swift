// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Exposition
import Samples
import TestSupport
import Testing

@Suite struct ExpositionReaderTests {
    private func read(_ text: String, _ format: ExpositionFormat = .text) -> ExpositionPage {
        var reader = ExpositionReader()
        return reader.read(Array(text.utf8), format: format)
    }

    @Test func `families, kinds, helps, labels, values and times are read`() {
        let page = read(
            """
            # HELP http_requests_total Requests\\nserved.
            # TYPE http_requests_total counter
            http_requests_total{method="post",code="200",} 1027 1395066363000
            http_requests_total{ method = "a\\"b\\\\c\\nd" , code="" }  3.5e2
            # a comment
            # TYPE rpc summary
            rpc{quantile="0.5"} NaN
            rpc_sum 1.7560473e+07
            rpc_count +Inf

            lonely -2

            """
        )
        #expect(page.faultCount == 0)
        #expect(page.families.map(\.name) == ["http_requests_total", "rpc", "lonely"])
        #expect(page.families.map(\.kind) == [.counter, .summary, .unknown])
        #expect(page.families[0].help == "Requests\nserved.")
        let samples = page.families[0].samples
        #expect(samples[0].time == Timestamp(milliseconds: 1_395_066_363_000))
        #expect(samples[1].labels == ["__name__": "http_requests_total", "method": "a\"b\\c\nd"])
        #expect(samples[1].value == 350)
        #expect(
            page.families[1].samples.map(\.labels.metricName) == ["rpc", "rpc_sum", "rpc_count"]
        )
        #expect(page.sampleCount == 6)
    }

    @Test func `bounds and quantiles have one text however a target writes them`() {
        let page = read(
            """
            # TYPE h histogram
            h_bucket{le="1"} 1
            h_bucket{le="0.50"} 1
            h_bucket{le="1e7"} 1
            h_bucket{le="+Inf"} 1
            h_bucket{le="many"} 1
            h_count{le="1"} 1
            # TYPE s summary
            s{quantile="0"} 1
            s{quantile=".9",le="1"} 1
            # TYPE g gauge
            g{le="1",quantile="1"} 1
            other{le="1"} 1
            """
        )
        #expect(page.faultCount == 0)
        let labels = page.families.map { $0.samples.map(\.labels) }
        let bounds = labels[0].prefix(5).map { $0["le"] }
        #expect(bounds == ["1.0", "0.5", "1e+07", "+Inf", "many"])
        #expect(labels[1].map { $0["quantile"] } == ["0.0", "0.9"])
        #expect(labels[1][1]["le"] == "1")
        #expect(labels[2][0] == ["__name__": "g", "le": "1", "quantile": "1"])
        #expect(labels[3][0]["le"] == "1")
    }

    @Test func `a bound in two texts is one series, and its second sample a fault`() {
        let page = read("# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"1.0\"} 2\n")
        #expect(page.faultCount == 1)
        #expect(page.families[0].samples.map(\.value) == [1])
    }

    @Test func `OpenMetrics names its families without what the samples end in`() {
        let page = read(
            """
            # TYPE a counter
            # UNIT a seconds
            a_total{x="}"} 1 12.5 # {trace="1"} 3
            a_created 5
            # TYPE b info
            b_info{v="1"} 1
            # EOF
            after 1
            """,
            .openMetrics
        )
        #expect(page.faultCount == 0)
        #expect(page.families.map(\.name) == ["a_total", "a_created", "b_info"])
        #expect(page.families[0].samples[0].time == Timestamp(milliseconds: 12_500))
        #expect(page.sampleCount == 3)
    }

    @Test func `a bad line costs itself and is told with its number`() {
        let page = read(
            "a 1\nb{x=1} 1\n0c 2\nd{\nd 0x1\na 2\n# TYPE e meh\ne{x=\"1\",x=\"2\"} 1\nf 1 z\ng 1\n"
        )
        #expect(page.families.flatMap(\.samples).map(\.labels.metricName) == ["a", "g"])
        #expect(page.faults.map(\.line) == [2, 3, 4, 5, 6, 7, 8, 9])
        #expect(page.faultCount == 8)
    }

    @Test func `a name in quotes may hold anything`() {
        let page = read("{\"http.status\",\"a.b\"=\"c\"} 1\n")
        #expect(page.faultCount == 0)
        #expect(page.families[0].samples[0].labels == ["__name__": "http.status", "a.b": "c"])
    }

    @Test func `samples over the limit are left out`() {
        var reader = ExpositionReader()
        let page = reader.read(Array("a 1\nb 1\nc 1\n".utf8), format: .text, maxSamples: 2)
        #expect(page.sampleCount == 2)
        #expect(page.isCut)
    }

    @Test func `every prefix of a page is read without harm`() {
        let bytes = Array(
            "# TYPE a counter\na_total{b=\"c\\n\",d=\"e\"} 1.5 12 # {f=\"g\"} 1\n# EOF\n".utf8
        )
        for count in 0...bytes.count {
            var reader = ExpositionReader()
            let page = reader.read(Array(bytes.prefix(count)), format: .openMetrics)
            #expect(page.sampleCount <= 1)
            _ = openMetricsFault(in: Array(bytes.prefix(count)))
        }
    }

    @Test(.enabled(if: conformanceFolder("breakers") != nil, "../shared/conformance is absent"))
    func `what real services write is read without a fault`() throws {
        let folder = try #require(conformanceFolder("breakers"))
        for part in ["resilience4j", "opossum"] {
            for file in filesEnding(in: ".prometheus.txt", below: folder + "/" + part) {
                var reader = ExpositionReader()
                let bytes = bytesOfFile(file)
                let page = reader.read(bytes, format: .text)
                #expect(page.faults == [])
                let lines = bytes.split(separator: 10).count { $0.first != 35 }
                #expect(page.sampleCount == lines)
                let again = reader.read(bytes, format: .text)
                // Compared as text: a NaN does not equal itself.
                #expect("\(again.families)" == "\(page.families)")
            }
        }
    }
}

@Suite struct KnownSeriesTests {
    /// The samples of pages read one after the other, by one reader and by a new one each.
    private func check(_ pages: [String]) {
        var reader = ExpositionReader()
        for page in pages {
            let bytes = Array(page.utf8)
            let kept = reader.read(bytes, format: .text)
            var other = ExpositionReader()
            let fresh = other.read(bytes, format: .text)
            #expect(kept.families == fresh.families, "\(page)")
            #expect(kept.faults == fresh.faults, "\(page)")
            #expect(kept.sampleCount == fresh.sampleCount, "\(page)")
        }
    }

    @Test func `a reader that knows the page reads what a new one reads`() {
        check([
            "a 1\nb{x=\"1\"} 2\nc 3\n", "a 4\nb{x=\"1\"} 5\nc 6\n", "c 7\nb{x=\"1\"} 8\na 9\n",
            "a {x=\"1\"} 1\nab 2\na 3\n", "a\nb{x=\"1\"}\nc x\n", "a{} 1\na 2\n", "a 1\na 2\na 3\n",
            "a 1 5\na 2 6\n", "b{x=\"1\"}8\n", "b{x=\"1\",} 8\nb{x=\"1\"} 9\n", "", "a 1\r\nc 2",
        ])
    }

    @Test func `lines that come, go and move are read as by a new reader`() {
        var generator = SystemRandomNumberGenerator()
        var pages: [String] = []
        for _ in 0..<200 {
            let numbers = (0..<40).filter { _ in Bool.random(using: &generator) }
            let order = Bool.random(using: &generator) ? numbers : numbers.shuffled()
            pages.append(
                order.map { "m\($0 % 3){a=\"\($0)\",b=\"\"} \($0).5e1\n" }.joined()
            )
        }
        check(pages)
    }

    @Test func `a target that invents labels does not fill the memory of its reader`() {
        var reader = ExpositionReader()
        for round in 0..<50 {
            let text = (0..<500).map { "m{id=\"\(round)-\($0)\"} 1\n" }.joined()
            #expect(reader.read(Array(text.utf8), format: .text).newSeriesCount == 500)
        }
        #expect("\(reader)".utf8.count < 3_000_000)
    }

    @Test func `series are new once, and again after they were away`() {
        var reader = ExpositionReader()
        func added(_ text: String) -> Int {
            reader.read(Array(text.utf8), format: .text).newSeriesCount
        }
        #expect(added("a 1\nb 1\n") == 2)
        #expect(added("a 1\nb 1\nc 1\n") == 1)
        #expect(added("a 1\n") == 0)
        #expect(added("a 1\nb 1\n") == 1)
        reader.miss()
        #expect(added("a 1\nb 1\n") == 2)
    }

    @Test func `labels are asked for once, and unwanted series are left out`() {
        var reader = ExpositionReader()
        var asked = 0
        for _ in 0..<3 {
            let page = reader.read(Array("a 1\nb 2\n".utf8), format: .text) { labels in
                asked += 1
                return labels.metricName == "a" ? labels.setting("job", to: "x") : nil
            }
            let texts = page.families.flatMap(\.samples).map(\.labels.description)
            #expect(texts == ["a{job=\"x\"}"])
            #expect(page.sampleCount == 2)
        }
        #expect(asked == 2)
    }

    @Test func `numbers are those that the long way gives`() {
        let words = [
            "0", "-0", "1", "-1", "12.5", "1.7560473e+07", "1e-4", "1E5", "9007199254740993",
            "1e22",
            "123456789012345", "0.000001", "1e23", "1e-23", "4.9e-324", "0.1", "5.", ".5", "1e",
            "e5",
            "--1", "1.2.3", "1e+", "1_0", "0x1", "+1", "1e308", "3.141592653589793",
        ]
        for word in words {
            var reader = ExpositionReader()
            let page = reader.read(Array("a \(word)\n".utf8), format: .text)
            let value = page.families.first?.samples.first?.value
            let hasOtherSigns = word.contains("_") || word.contains("x")
            let expected = hasOtherSigns ? nil : Double(word)
            #expect(value?.bitPattern == expected?.bitPattern, "\(word)")
        }
    }
}
