// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CSnappy

/// Snappy's block format, which remote write 1.0 wraps its messages in.
package enum Snappy {
    /// Why bytes cannot be unpacked.
    package enum Failure: Error, Hashable {
        /// They say that they are longer than is allowed, in bytes.
        case tooLarge(Int)
        /// They are no snappy block.
        case damaged
    }

    /// Packs bytes.
    package static func compress(_ bytes: [UInt8]) -> [UInt8] {
        let capacity = snappy_max_compressed_length(bytes.count)
        return unsafe [UInt8](unsafeUninitializedCapacity: capacity) { target, count in
            var length = capacity
            let status = unsafe bytes.withUnsafeBytes { source in
                unsafe snappy_compress(
                    source.baseAddress?.assumingMemoryBound(to: CChar.self),
                    source.count,
                    UnsafeMutableRawPointer(target.baseAddress)?
                        .assumingMemoryBound(to: CChar.self),
                    &length
                )
            }
            precondition(status == SNAPPY_OK, "snappy says itself how much room it needs")
            count = length
        }
    }

    /// Unpacks bytes, whose length is checked before anything is allocated.
    package static func uncompress(_ bytes: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
        var length = 0
        let header = unsafe bytes.withUnsafeBytes { source in
            unsafe snappy_uncompressed_length(
                source.baseAddress?.assumingMemoryBound(to: CChar.self),
                source.count,
                &length
            )
        }
        guard header == SNAPPY_OK else { throw .damaged }
        guard length <= limit else { throw .tooLarge(length) }
        guard length > 0 else { return [] }
        var isWhole = false
        let capacity = length
        let result = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { target, count in
            let status = unsafe bytes.withUnsafeBytes { source in
                unsafe snappy_uncompress(
                    source.baseAddress?.assumingMemoryBound(to: CChar.self),
                    source.count,
                    UnsafeMutableRawPointer(target.baseAddress)?
                        .assumingMemoryBound(to: CChar.self),
                    &length
                )
            }
            isWhole = status == SNAPPY_OK
            count = isWhole ? length : 0
        }
        guard isWhole else { throw .damaged }
        return result
    }
}
