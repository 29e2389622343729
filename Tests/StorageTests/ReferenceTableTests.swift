// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Samples
import Telemetry
import Testing

@testable import Storage

@Suite struct ReferenceTableTests {
    @Test func `it finds what a dictionary finds, whatever comes and goes`() {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(state: seed)
        var table = ReferenceTable()
        var known: [SeriesRef: UInt64] = [:]
        for _ in 0..<20_000 {
            let reference = SeriesRef.random(in: 0..<600, using: &generator)
            // Few upper halves, so that many share a place and some share the whole hash.
            let hash = UInt64(reference) % 97 << 33 | UInt64(reference % 3)
            if known[reference] == nil {
                table.insert(hash, reference)
                known[reference] = hash
            } else {
                table.remove(hash, reference)
                known[reference] = nil
            }
            let other = SeriesRef.random(in: 0..<600, using: &generator)
            let found = table.find(UInt64(other) % 97 << 33) { $0 == other }
            #expect((found != nil) == (known[other] != nil), "seed \(seed)")
        }
        #expect(table.count == known.count)
        #expect(table.all == ContiguousArray(known.keys.sorted()))
    }
}

@Suite struct BatchOrderTests {
    private func values(_ store: SeriesStore) throws -> [String: [Double]] {
        let found = try store.select([], from: at(0), through: at(1_000))
        return Dictionary(uniqueKeysWithValues: found.map { ($0.labels["a"], Array($0.values)) })
    }

    @Test func `samples find their series in whatever order a poll says them`() async throws {
        let store = try await SeriesStore.open(.memory, telemetry: Registry())
        let polls = ["abcdef", "abcdef", "acdef", "fedcba", "xabcdef", "abcy", "", "cab", "abcdef"]
        var written: [String: [Double]] = [:]
        for (number, names) in polls.enumerated() {
            var family = MetricFamily(name: "m", kind: .gauge, help: "")
            for name in names {
                let value = Double(number * 100) + Double(name.asciiValue ?? 0)
                family.add(value, ["a": "\(name)"])
                written["\(name)", default: []].append(value)
            }
            store.append(SampleBatch(time: at(Int64(number)), families: [family]), from: web)
        }
        let read = try values(store).mapValues { $0.filter { !$0.isStalenessMarker } }
        #expect(read == written)
    }
}
