// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// The series that senders sent lately, found by the bytes of their labels.
///
/// Those that did not come for ten minutes are forgotten. Two series whose bytes have the same key
/// would be taken for one: at 128 bits that does not happen by chance, and who could bring it about
/// may write to both series anyway.
struct SeriesMemory: Sendable {
    /// The bytes' hash, of 128 bits, which differs from process to process.
    struct Key: Hashable, Sendable {
        let high: UInt64
        let low: UInt64

        func hash(into hasher: inout Hasher) { hasher.combine(low) }
    }

    private var recent: [Key: LabelSet] = [:]
    private var former: [Key: LabelSet] = [:]
    private var turnedAt = Int64.min

    private static let turnMs: Int64 = 300_000
    /// Series of either half; more senders than that are read label by label.
    private static let capacity = 500_000

    /// The series with these labels, where it came lately.
    mutating func find(_ key: Key) -> LabelSet? {
        if let found = recent[key] { return found }
        guard let found = former.removeValue(forKey: key) else { return nil }
        recent[key] = found
        return found
    }

    /// Keeps a series.
    mutating func keep(_ labels: LabelSet, for key: Key) {
        if recent.count < Self.capacity { recent[key] = labels }
    }

    /// Forgets what did not come lately, when it is time.
    mutating func tidy(at now: Timestamp) {
        let time = now.milliseconds
        guard turnedAt == .min || time - turnedAt >= Self.turnMs || time < turnedAt else { return }
        turnedAt = time
        former = recent
        recent = [:]
    }
}

extension SeriesMemory.Key {
    /// Hashes a part of the bytes: two chains of folded products, 16 bytes a step.
    init(_ bytes: [UInt8], _ range: Range<Int>) {
        var high = Seeds.shared.high ^ UInt64(range.count)
        var low = Seeds.shared.low
        var place = range.lowerBound
        while place < range.upperBound {
            let (a, b) = Self.words(bytes, place, range.upperBound)
            high = Self.fold(a ^ 0x9E37_79B9_7F4A_7C15, b ^ high)
            low = Self.fold(a ^ low, b ^ 0xD1B5_4A32_D192_ED03)
            place += 16
        }
        self.high = high
        self.low = low
    }

    /// Sixteen bytes as two numbers; what is beyond the end counts as 0.
    private static func words(_ bytes: [UInt8], _ place: Int, _ end: Int) -> (UInt64, UInt64) {
        guard end - place >= 16 else {
            var pair = (UInt64(0), UInt64(0))
            for offset in 0..<(end - place) {
                let byte = UInt64(bytes[place + offset]) << UInt64(8 * (offset & 7))
                if offset < 8 { pair.0 |= byte } else { pair.1 |= byte }
            }
            return pair
        }
        return unsafe bytes.withUnsafeBytes { bytes in
            (
                unsafe bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self),
                unsafe bytes.loadUnaligned(fromByteOffset: place + 8, as: UInt64.self)
            )
        }
    }

    private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        // What was multiplied goes in once more, as a factor of 0 would forget all before it.
        return product.high ^ product.low ^ (a &+ b)
    }
}

private struct Seeds {
    static let shared = Seeds()

    let high = UInt64.random(in: .min ... .max)
    let low = UInt64.random(in: .min ... .max)
}
