// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Random numbers that a seed repeats.
///
/// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators": SplitMix64.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    /// The numbers of one part of a run, so that each part can be repeated alone.
    init(_ seed: UInt64, part: UInt64) {
        var first = SeededRandom(seed)
        state = first.next() &+ part &* 0xD1B5_4A32_D192_ED03
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// Whether something of this chance in a hundred happens.
    mutating func has(chance percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &self) < percent
    }

    /// One of these, each with the same chance.
    mutating func pick<Choice>(_ choices: [Choice]) -> Choice {
        choices[Int.random(in: choices.indices, using: &self)]
    }

    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
}
