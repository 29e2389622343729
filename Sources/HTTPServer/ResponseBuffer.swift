// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CMicrohttpd

/// Bytes that the socket is fed from without a copy, shared by all who ask for them.
///
/// It is `@unchecked Sendable` because nobody writes to it after its making.
@safe public final class ResponseBuffer: @unchecked Sendable {
    private let base: UnsafeMutableRawPointer
    /// How many bytes there are.
    public let count: Int

    /// Copies `bytes` once.
    public init(_ bytes: [UInt8]) {
        count = bytes.count
        unsafe base = .allocate(byteCount: max(bytes.count, 1), alignment: 16)
        unsafe bytes.withUnsafeBytes { source in
            if let start = source.baseAddress {
                unsafe base.copyMemory(from: start, byteCount: source.count)
            }
        }
    }

    deinit { unsafe base.deallocate() }

    /// The bytes, copied.
    public var array: [UInt8] {
        unsafe Array(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// Makes a response of the library that keeps this object alive until it is sent.
    func makeResponse() -> OpaquePointer? {
        let kept = unsafe Unmanaged.passRetained(self)
        let made = unsafe MHD_create_response_from_buffer_with_free_callback_cls(
            count,
            base,
            { context in
                guard let context = unsafe context else { return }
                unsafe Unmanaged<ResponseBuffer>.fromOpaque(context).release()
            },
            kept.toOpaque()
        )
        if unsafe made == nil { unsafe kept.release() }
        return unsafe made
    }
}
