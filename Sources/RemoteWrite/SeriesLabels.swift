// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// Why a series is refused.
enum LabelFault: Error, Hashable, CustomStringConvertible {
    case noMetricName
    case emptyName
    case repeatedName(String)
    case notText
    case tooMany
    case tooLong(String)

    var description: String {
        switch self {
        case .noMetricName: "a series has no metric name"
        case .emptyName: "a label has no name"
        case .repeatedName(let name): "label \(quoted(name)) comes twice"
        case .notText: "a label is not UTF-8"
        case .tooMany: "a series has more than \(SeriesLabels.maxLabels) labels"
        case .tooLong(let name):
            "label \(quoted(name)) has more than \(SeriesLabels.maxBytes) bytes"
        }
    }

    /// What metrics call it.
    var reason: String {
        switch self {
        case .noMetricName: "no_metric_name"
        case .emptyName: "empty_label_name"
        case .repeatedName: "repeated_label_name"
        case .notText: "not_utf8"
        case .tooMany: "too_many_labels"
        case .tooLong: "label_too_long"
        }
    }

    /// All that metrics can say.
    static let reasons = [
        noMetricName, emptyName, repeatedName(""), notText, tooMany, tooLong(""),
    ].map(\.reason)
}

/// The labels of a series as texts, sorted and found to be right.
struct SeriesLabels {
    /// Labels of a series taken at most: texts are kept for the life of the process.
    static let maxLabels = 128
    /// Bytes of a name or a value taken at most.
    static let maxBytes = 16 << 10

    /// Sorted by name, without empty values.
    let pairs: [(name: String, value: String)]

    /// Reads the fields of labels, which may come in any order.
    ///
    /// - Throws: `LabelFault`, or `WireReader.Failure` where the bytes are no message.
    init(_ bytes: [UInt8], _ range: Range<Int>) throws {
        var reader = WireReader(bytes)
        reader.position = range.lowerBound
        var found: [(name: Range<Int>, value: Range<Int>)] = []
        while let (_, value) = try reader.next(before: range.upperBound) {
            guard let field = value.range else { continue }
            found.append(try Self.pair(field, &reader))
            reader.position = field.upperBound
        }
        // Only now, so that a message that is cut off is no message, whatever its labels are.
        guard found.count <= Self.maxLabels else { throw LabelFault.tooMany }
        var all: [(name: String, value: String)] = []
        for (name, value) in found { all.append(try Self.texts(bytes, name, value)) }
        if !zip(all, all.dropFirst()).allSatisfy({ Self.isBefore($0.name, $1.name) }) {
            all.sort { Self.isBefore($0.name, $1.name) }
        }
        for (a, b) in zip(all, all.dropFirst()) where !Self.isBefore(a.name, b.name) {
            throw LabelFault.repeatedName(String(b.name.prefix(100)))
        }
        guard all.first.map({ !$0.name.isEmpty }) ?? true else { throw LabelFault.emptyName }
        guard all.contains(where: { $0.name == "__name__" && !$0.value.isEmpty }) else {
            throw LabelFault.noMetricName
        }
        pairs = all.filter { !$0.value.isEmpty }
    }

    /// The series' identity; nil where `mayBeNew` is not so and a text is not known.
    func labelSet(mayBeNew: Bool) -> LabelSet? {
        var labels: ContiguousArray<Label> = []
        labels.reserveCapacity(pairs.count)
        for (name, value) in pairs {
            guard mayBeNew else {
                guard let name = Symbol.existing(name), let value = Symbol.existing(value) else {
                    return nil
                }
                labels.append(Label(name: name, value: value))
                continue
            }
            labels.append(Label(name: Symbol(name), value: Symbol(value)))
        }
        return LabelSet(sorted: labels)
    }

    private static func pair(
        _ range: Range<Int>,
        _ reader: inout WireReader
    ) throws(WireReader.Failure) -> (name: Range<Int>, value: Range<Int>) {
        reader.position = range.lowerBound
        var pair = (name: range.lowerBound..<range.lowerBound, value: 0..<0)
        while let (number, value) = try reader.next(before: range.upperBound) {
            guard let field = value.range else { continue }
            if number == 1 { pair.name = field }
            if number == 2 { pair.value = field }
        }
        return pair
    }

    private static func texts(
        _ bytes: [UInt8],
        _ name: Range<Int>,
        _ value: Range<Int>
    ) throws(LabelFault) -> (name: String, value: String) {
        guard name.count <= maxBytes, value.count <= maxBytes else {
            let start = bytes[name].prefix(100)
            throw .tooLong(String(decoding: start, as: UTF8.self))
        }
        guard let nameText = String(validating: bytes[name], as: UTF8.self),
            let valueText = String(validating: bytes[value], as: UTF8.self)
        else { throw .notText }
        return (nameText, valueText)
    }

    private static func isBefore(_ a: String, _ b: String) -> Bool {
        a.utf8.lexicographicallyPrecedes(b.utf8)
    }
}
