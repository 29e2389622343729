// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO

/// The paths of the files right in `folder` whose names end in `ending`, sorted.
public func filesEnding(in ending: String, below folder: String) -> [String] {
    paths(matching: folder + "/*" + ending)
}

/// The bytes of a file; empty where it cannot be read.
public func bytesOfFile(_ path: String) -> [UInt8] { (try? contents(ofFile: path)) ?? [] }
