// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Bits of a block in the order in which they are sent, the first one lowest.
struct BitCode {
    /// 24 bits, and above them how many of them count.
    private let word: UInt32

    init(_ bits: UInt32, count: Int) { word = bits | UInt32(count) << 24 }

    var bits: UInt64 { UInt64(word & 0xFF_FFFF) }
    var count: Int { Int(word >> 24) }
}

/// How often a page had each symbol, which the codes of the next are made for.
struct DeflateCounts {
    /// Bytes, and the end of the block.
    var literals = ContiguousArray<UInt32>(repeating: 0, count: 257)
    /// Repetitions by their length.
    var lengths = ContiguousArray<UInt32>(repeating: 0, count: 259)
    /// Repetitions by the symbol of their distance.
    var distances = ContiguousArray<UInt32>(repeating: 0, count: 30)
}

/// The codes of one block, in which what is frequent is short.
///
/// Source: RFC 1951, sections 3.2.2 and 3.2.5 to 3.2.7.
struct DeflateCodes {
    /// By byte; behind them the end of the block.
    let literals: ContiguousArray<BitCode>
    /// By length, with their extra bits.
    let lengths: ContiguousArray<BitCode>
    /// By symbol, without extra bits.
    let distances: ContiguousArray<BitCode>
    /// How many bits each symbol has, as the block's header tells.
    let toldLengths: [UInt8]

    init(_ counts: DeflateCounts) {
        var symbols = Array(counts.literals) + [UInt32](repeating: 0, count: 29)
        for length in 3...258 {
            symbols[Self.symbol(ofLength: length).number] += counts.lengths[length]
        }
        let literalLengths = codeLengths(symbols)
        let distanceLengths = codeLengths(Array(counts.distances))
        let codes = canonicalCodes(literalLengths)
        literals = ContiguousArray(codes[...256])
        lengths = ContiguousArray(
            (0...258).map { length in
                guard length >= 3 else { return BitCode(0, count: 0) }
                let symbol = Self.symbol(ofLength: length)
                let code = codes[symbol.number]
                let bits = UInt32(code.bits) | UInt32(symbol.extra) << UInt32(code.count)
                return BitCode(bits, count: code.count + symbol.extraCount)
            }
        )
        distances = ContiguousArray(canonicalCodes(distanceLengths))
        toldLengths = literalLengths + distanceLengths
    }

    /// The symbol of a length of 3 to 258, and what its extra bits say.
    private static func symbol(
        ofLength length: Int
    ) -> (number: Int, extra: Int, extraCount: Int) {
        let rest = length - 3
        if rest < 8 { return (257 + rest, 0, 0) }
        if length == 258 { return (285, 0, 0) }
        let extraCount = Int.bitWidth - rest.leadingZeroBitCount - 3
        let number = 261 + 4 * extraCount + (rest >> extraCount & 3)
        return (number, rest & (1 << extraCount - 1), extraCount)
    }
}

/// How many bits each symbol's code has, at most 15; every symbol has one.
private func codeLengths(_ counts: [UInt32]) -> [UInt8] {
    var weights = counts.map { max($0, 1) }
    while true {
        let lengths = huffmanLengths(weights)
        if lengths.allSatisfy({ $0 <= 15 }) { return lengths }
        // Flatter weights make a flatter tree.
        weights = weights.map { $0 >> 1 | 1 }
    }
}

/// Huffman's tree: the two lightest are joined until one is left.
private func huffmanLengths(_ weights: [UInt32]) -> [UInt8] {
    let leaves = weights.indices.sorted { weights[$0] < weights[$1] }
    let total = 2 * leaves.count - 1
    var parents = [Int](repeating: 0, count: total)
    // Leaves come sorted, and joints are made in growing weight, so both are queues.
    var jointWeights: [UInt64] = []
    var (leaf, joint) = (0, 0)
    func takeLightest() -> (node: Int, weight: UInt64) {
        let isLeaf =
            leaf < leaves.count
            && (joint >= jointWeights.count || UInt64(weights[leaves[leaf]]) <= jointWeights[joint])
        defer { if isLeaf { leaf += 1 } else { joint += 1 } }
        return isLeaf
            ? (leaf, UInt64(weights[leaves[leaf]])) : (leaves.count + joint, jointWeights[joint])
    }
    for node in leaves.count..<total {
        let (left, right) = (takeLightest(), takeLightest())
        (parents[left.node], parents[right.node]) = (node, node)
        jointWeights.append(left.weight + right.weight)
    }
    var depths = [UInt8](repeating: 0, count: total)
    for node in (0..<total - 1).reversed() { depths[node] = depths[parents[node]] + 1 }
    var lengths = [UInt8](repeating: 0, count: weights.count)
    for (place, symbol) in leaves.enumerated() { lengths[symbol] = depths[place] }
    return lengths
}

/// The codes that follow from their lengths alone.
private func canonicalCodes(_ lengths: [UInt8]) -> [BitCode] {
    var next = [UInt32](repeating: 0, count: 17)
    for length in lengths { next[Int(length) + 1] += 1 }
    for length in 1...16 { next[length] = (next[length] + next[length - 1]) << 1 }
    // A code's first bit is sent first.
    return lengths.map { length in
        let count = Int(length)
        defer { next[count] += 1 }
        var (code, bits) = (next[count], UInt32(0))
        for _ in 0..<count {
            bits = bits << 1 | code & 1
            code >>= 1
        }
        return BitCode(bits, count: count)
    }
}
