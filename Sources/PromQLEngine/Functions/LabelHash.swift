// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

extension LabelSet {
    /// The hash by which Prometheus samples series: XXH64 over sizes and texts.
    ///
    /// Source: Prometheus, model/labels/labels_stringlabels.go: `Hash`, `appendSize`.
    var samplingHash: UInt64 {
        var bytes: [UInt8] = []
        func add(_ text: String) {
            let count = text.utf8.count
            if count < 255 {
                bytes.append(UInt8(count))
            } else {
                bytes += [
                    255, UInt8(count & 255), UInt8(count >> 8 & 255), UInt8(count >> 16 & 255),
                ]
            }
            bytes += text.utf8
        }
        for (name, value) in pairs {
            add(name)
            add(value)
        }
        return hash64(bytes)
    }
}

private let primes: (UInt64, UInt64, UInt64, UInt64, UInt64) = (
    0x9E37_79B1_85EB_CA87, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9, 0x85EB_CA77_C2B2_AE63,
    0x27D4_EB2F_1656_67C5
)

/// XXH64 with seed zero, as its specification has it.
func hash64(_ bytes: [UInt8]) -> UInt64 {
    var place = 0
    var hash: UInt64
    if bytes.count >= 32 {
        var lanes = [primes.0 &+ primes.1, primes.1, 0, 0 &- primes.0]
        while place + 32 <= bytes.count {
            for lane in 0..<4 { lanes[lane] = round(lanes[lane], word(bytes, place + 8 * lane)) }
            place += 32
        }
        hash =
            rotated(lanes[0], 1) &+ rotated(lanes[1], 7) &+ rotated(lanes[2], 12)
            &+ rotated(lanes[3], 18)
        for lane in lanes { hash = (hash ^ round(0, lane)) &* primes.0 &+ primes.3 }
    } else {
        hash = primes.4
    }
    hash &+= UInt64(bytes.count)
    while place + 8 <= bytes.count {
        hash = rotated(hash ^ round(0, word(bytes, place)), 27) &* primes.0 &+ primes.3
        place += 8
    }
    if place + 4 <= bytes.count {
        hash = rotated(hash ^ word(bytes, place, 4) &* primes.0, 23) &* primes.1 &+ primes.2
        place += 4
    }
    for byte in bytes[place...] {
        hash = rotated(hash ^ UInt64(byte) &* primes.4, 11) &* primes.0
    }
    hash = (hash ^ hash >> 33) &* primes.1
    hash = (hash ^ hash >> 29) &* primes.2
    return hash ^ hash >> 32
}

private func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
    rotated(lane &+ input &* primes.1, 31) &* primes.0
}

private func rotated(_ value: UInt64, _ count: UInt64) -> UInt64 {
    value << count | value >> (64 - count)
}

/// The bytes from a place on as a number, the lowest first.
private func word(_ bytes: [UInt8], _ place: Int, _ count: Int = 8) -> UInt64 {
    (0..<count).reduce(0) { $0 | UInt64(bytes[place + $1]) << UInt64(8 * $1) }
}
