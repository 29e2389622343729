// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

extension LabelSet {
    /// The labels as a blob: names and values with their lengths.
    var blob: [UInt8] {
        var writer = ByteWriter()
        for label in labels {
            writer.text(label.name.text)
            writer.text(label.value.text)
        }
        return writer.bytes
    }

    /// Reads a blob; nil where it makes no sense.
    init?(blob: [UInt8]) {
        var reader = ByteReader(blob)
        var labels: ContiguousArray<Label> = []
        while !reader.isAtEnd {
            let name = reader.text()
            labels.append(Label(name: Symbol(name), value: Symbol(reader.text())))
            guard !reader.isBroken else { return nil }
        }
        self.init(sorted: labels)
    }
}
