// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Glibc

/// The paths of the files right in `folder` whose names end in `ending`, sorted.
public func filesEnding(in ending: String, below folder: String) -> [String] {
    guard let directory = unsafe opendir(folder) else { return [] }
    defer { unsafe _ = closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
        let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
            unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                unsafe String(cString: $0)
            }
        }
        if name.hasSuffix(ending) { names.append(folder + "/" + name) }
    }
    return names.sorted()
}

/// The bytes of a file; empty where it cannot be read.
public func bytesOfFile(_ path: String) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = unsafe read(descriptor, &part, part.count)
        guard count > 0 else { return bytes }
        bytes += part[..<count]
    }
}
