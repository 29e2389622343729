// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Damaged copies of a text: the same ones for the same seed, so that a failure can be run again.
///
/// What a reader does with them must be an answer or an error with a place, never a trap. Bytes are
/// flipped, cut, doubled and moved, and words of the language are strewn in; every prefix of the
/// text comes first.
public struct Mutations: Sequence, IteratorProtocol {
    private let original: [UInt8]
    private let words: [[UInt8]]
    private let count: Int
    private var made = 0
    private var state: UInt64

    /// Damages `text` in `count` ways, after each of its prefixes.
    public init(of text: String, words: [String], count: Int, seed: UInt64) {
        original = Array(text.utf8)
        self.words = words.map { Array($0.utf8) }
        self.count = count
        state = seed
    }

    /// The next damaged copy.
    public mutating func next() -> [UInt8]? {
        defer { made += 1 }
        if made < original.count { return Array(original.prefix(made)) }
        guard made < original.count + count else { return nil }
        var bytes = original
        for _ in 0..<(1 + below(4)) { damage(&bytes) }
        return bytes
    }

    private mutating func damage(_ bytes: inout [UInt8]) {
        let place = below(bytes.count + 1)
        let end = Swift.min(bytes.count, place + below(16))
        switch below(6) {
        case 0 where place < bytes.count: bytes[place] = UInt8(truncatingIfNeeded: random())
        case 1: bytes.removeSubrange(place..<end)
        case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 3: bytes.insert(contentsOf: bytes[place..<end], at: below(bytes.count + 1))
        case 4: bytes.replaceSubrange(place..<end, with: words[below(words.count)])
        default: bytes.insert(contentsOf: words[below(words.count)], at: place)
        }
    }

    private mutating func below(_ bound: Int) -> Int { Int(random() % UInt64(bound)) }

    /// SplitMix64, by Steele, Lea and Flood.
    private mutating func random() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
