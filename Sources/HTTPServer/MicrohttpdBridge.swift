// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CMicrohttpd

/// What the content reader of a stream gets as its context.
@safe final class StreamSource {
    private let writer: BodyWriter
    private let connection: OpaquePointer

    init(_ writer: BodyWriter, _ connection: OpaquePointer) {
        self.writer = writer
        unsafe self.connection = unsafe connection
    }

    /// Makes a response of the library that pulls from the writer and releases this object.
    func makeResponse() -> OpaquePointer? {
        let kept = unsafe Unmanaged.passRetained(self)
        let made = unsafe MHD_create_response_from_callback(
            nj_http_size_unknown(),
            32 << 10,
            { context, _, room, size in
                guard let context = unsafe context else { return -2 }
                let source = unsafe Unmanaged<StreamSource>.fromOpaque(context)
                    .takeUnretainedValue()
                let buffer = unsafe UnsafeMutableRawBufferPointer(start: room, count: size)
                return unsafe source.writer.read(into: buffer, connection: source.connection)
            },
            kept.toOpaque(),
            { context in
                guard let context = unsafe context else { return }
                unsafe Unmanaged<StreamSource>.fromOpaque(context).release()
            }
        )
        if unsafe made == nil { unsafe kept.release() }
        return unsafe made
    }
}

/// The headers of a request, in order.
func headers(of handle: OpaquePointer) -> [HTTPField] {
    var list: [HTTPField] = []
    unsafe withUnsafeMutablePointer(to: &list) { pointer in
        unsafe _ = MHD_get_connection_values_n(
            handle,
            .HEADER_KIND,
            { context, _, name, nameSize, value, valueSize in
                guard let context = unsafe context else { return .NO }
                let name = unsafe UnsafeRawBufferPointer(start: name, count: nameSize)
                let value = unsafe UnsafeRawBufferPointer(start: value, count: valueSize)
                let field = unsafe HTTPField(
                    String(decoding: name, as: UTF8.self),
                    String(decoding: value, as: UTF8.self)
                )
                unsafe context.assumingMemoryBound(to: [HTTPField].self).pointee.append(field)
                return .YES
            },
            pointer
        )
    }
    return list
}
