// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Samples
import Testing

@testable import PromQLEngine

@Suite struct LabelGroupsTests {
    private let a: LabelSet = ["__name__": "m", "job": "x", "pod": "1"]
    private let b: LabelSet = ["__name__": "m", "job": "x", "pod": "2"]
    private let c: LabelSet = ["__name__": "n", "job": "x", "pod": "1", "zone": "z"]

    private func numbers(_ filter: LabelFilter) -> [Int] {
        var groups = LabelGroups(filter)
        return [a, b, c, a].map { groups.number(of: $0) }
    }

    @Test func `label sets that agree in what counts share a group`() {
        #expect(numbers(.all) == [0, 1, 2, 0])
        #expect(numbers(.only([Symbol("job")])) == [0, 0, 0, 0])
        #expect(numbers(.only([])) == [0, 0, 0, 0])
        #expect(numbers(.only([Symbol("pod")])) == [0, 1, 0, 0])
        #expect(numbers(.only([Symbol("zone")])) == [0, 0, 1, 0])
        #expect(numbers(.allBut([.metricName])) == [0, 1, 2, 0])
        #expect(numbers(.allBut([.metricName, Symbol("zone")])) == [0, 1, 0, 0])
    }

    @Test func `a group is known by its labels that count`() {
        var groups = LabelGroups(.only([Symbol("pod"), Symbol("none")]))
        _ = groups.number(of: a)
        #expect(groups.labels(of: 0) == ["pod": "1"])
        #expect(groups.find(c) == 0)
        #expect(groups.find(b) == nil)
    }

    @Test func `many groups are told apart`() {
        var groups = LabelGroups(.allBut([.metricName]), capacity: 1)
        for round in 0..<2 {
            for pod in 0..<1_000 {
                let labels: LabelSet = ["__name__": "m\(round)", "pod": "\(pod)"]
                #expect(groups.number(of: labels) == pod)
            }
        }
        #expect(groups.count == 1_000)
    }

    @Test func `members are listed by group in their order`() {
        let members = GroupMembers([1, 0, 1, 3], count: 4)
        #expect((0..<4).map { Array(members[$0]) } == [[1], [0, 2], [], [3]])
    }
}
