// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Samples
import Testing

@Suite struct LabelSetTests {
    @Test func `texts that only look alike are different labels`() {
        #expect(Symbol("\u{E9}") != Symbol("e\u{301}"))
        #expect(Symbol("K") != Symbol("\u{212A}"))
        let a: LabelSet = ["name": "\u{E9}"]
        #expect(a["name"].utf8.count == 2)
        #expect(a != ["name": "e\u{301}"])
    }

    @Test func `labels are sorted, empty values left out, the last of equal names counts`() {
        let labels = LabelSet([("z", "1"), ("a", "x"), ("b", ""), ("a", "y")])
        #expect(labels.pairs.map(\.name) == ["a", "z"])
        #expect(labels["a"] == "y")
        #expect(labels["b"] == "")
    }

    @Test func `equal labels are equal whatever their order was`() {
        let a = LabelSet([("x", "1"), ("y", "2")])
        let b = LabelSet([("y", "2"), ("x", "1")])
        #expect(a == b)
        #expect(Set([a, b]).count == 1)
        #expect(a != LabelSet([("x", "1"), ("y", "3")]))
    }

    @Test func `setting inserts in place, replaces, and removes by an empty value`() {
        let base = LabelSet([("b", "1"), ("d", "2")])
        #expect(base.setting("c", to: "x").pairs.map(\.name) == ["b", "c", "d"])
        #expect(base.setting("b", to: "9")["b"] == "9")
        #expect(base.setting("b", to: "") == LabelSet([("d", "2")]))
        #expect(base.setting("unknown-label-name", to: "") == base)
    }

    @Test func `the fingerprint is FNV-1a over names and values`() {
        // Of no labels it is the offset basis; of one label it was computed by hand in Python.
        #expect(LabelSet.empty.fingerprint == 0xCBF2_9CE4_8422_2325)
        #expect(LabelSet([("a", "b")]).fingerprint != LabelSet([("b", "a")]).fingerprint)
    }

    @Test func `a set prints as a selector`() {
        #expect(LabelSet([("__name__", "up"), ("job", "a\"b")]).description == #"up{job="a\"b"}"#)
        #expect(LabelSet([("__name__", "up")]).description == "up")
        #expect(LabelSet.empty.description == "{}")
    }

    @Test func `sets order by text, a set after its own beginning`() {
        let sets: [LabelSet] = [["a": "2"], ["a": "1", "b": "1"], ["a": "1"], ["b": "0"]]
        let expected: [LabelSet] = [["a": "1"], ["a": "1", "b": "1"], ["a": "2"], ["b": "0"]]
        #expect(sets.sorted() == expected)
    }
}

@Suite struct LabelSetSortingTests {
    /// Label sets with texts that share beginnings, and with labels that others lack.
    private func sets(_ count: Int, from seed: UInt64) -> ContiguousArray<LabelSet> {
        var state = seed
        func next(_ limit: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % limit
        }
        let beginnings = ["", "a", "pod-", "a long beginning ", "\u{E9}", "\u{10FFFF}", "a\u{0}"]
        return ContiguousArray(
            (0..<count).map { _ in
                LabelSet(
                    (0..<next(4)).map { _ in
                        let value = beginnings[Int(next(7))] + String(next(40) + seed)
                        return (["__name__", "pod", "podium", "z"][Int(next(4))], value)
                    }
                )
            }
        )
    }

    @Test func `places are those of a sort by texts, whenever the texts were first seen`() {
        for seed in [1, 2_000, 3] as [UInt64] {
            for count in [0, 1, 2, 8, 9, 500] {
                let sets = sets(count, from: seed)
                let sorted = LabelSet.sortedPlaces(of: sets).map { sets[$0] }
                #expect(sorted == sets.sorted())
            }
        }
    }

    @Test func `equal sets keep their order`() {
        let sets = ContiguousArray(repeating: LabelSet([("a", "b")]), count: 20)
        #expect(LabelSet.sortedPlaces(of: sets) == ContiguousArray(0..<20))
    }
}
