// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Notify
import Settings
import SourceText
import TestSupport
import Testing

struct GuideTests {
    private func read(_ path: String) -> String {
        String(decoding: bytesOfFile(repositoryRoot + "/" + path), as: UTF8.self)
    }

    @Test func `the configuration of the guide is right, and has every section`() throws {
        let guide = read("docs/guide/configuration.md")
        let start = try #require(guide.firstRange(of: "```yaml\n")).upperBound
        let end = try #require(guide[start...].firstRange(of: "\n```")).lowerBound
        let file = SourceFile(name: "configuration.md", text: String(guide[start..<end]))
        let configuration = Configuration.decode(file)
        #expect(configuration.diagnostics.map(\.rendered) == [])
        let settings = try #require(configuration.settings)
        #expect(settings.postgres.count == 1 && settings.redis.count == 1)
        #expect(settings.circuitBreakers.count == 2 && settings.kafka.count == 1)
        #expect(settings.scrapes.count == 1 && settings.remoteWrite.count == 1)
        #expect(settings.notify.receivers.map(\.name) == ["on-call", "chat"])
    }

    @Test func `the example to start from is right`() {
        let path = repositoryRoot + "/nightjar.example.yml"
        #expect(Configuration.read(path: path).diagnostics.map(\.rendered) == [])
    }
}

extension StringProtocol where SubSequence == Substring {
    /// The first place of a text.
    fileprivate func firstRange(of text: String) -> Range<Index>? {
        indices.first { self[$0...].hasPrefix(text) }
            .map { $0..<index($0, offsetBy: text.count) }
    }
}
