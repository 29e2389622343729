// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CMicrohttpd

/// Bytes that the socket is fed from without a copy, shared by all who ask for them.
///
/// The array is kept and never written to, so that its storage stays where it is as long as this
/// object lives.
public final class ResponseBuffer: Sendable {
    /// The bytes.
    public let array: [UInt8]

    /// Keeps `bytes`.
    public init(_ bytes: [UInt8]) { array = bytes }

    /// How many bytes there are.
    public var count: Int { array.count }

    /// Makes a response of the library that keeps this object alive until it is sent.
    func makeResponse() -> OpaquePointer? {
        let kept = unsafe Unmanaged.passRetained(self)
        let base = unsafe array.withUnsafeBytes { bytes in
            unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)
        }
        let made = unsafe MHD_create_response_from_buffer_with_free_callback_cls(
            array.count,
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
