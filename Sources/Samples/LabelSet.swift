// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A name with its value.
public struct Label: Sendable, Hashable, BitwiseCopyable {
    /// The label's name.
    public let name: Symbol
    /// The label's value, never empty inside a `LabelSet`.
    public let value: Symbol

    /// Pairs a name and a value.
    @inlinable
    public init(name: Symbol, value: Symbol) {
        self.name = name
        self.value = value
    }
}

/// The identity of a series: labels sorted by the names' texts, without duplicates or empty values.
public struct LabelSet: Sendable, Hashable {
    /// The labels, sorted by name.
    public let labels: ContiguousArray<Label>
    /// The hash that is compared first: of equal sets it is the same within a process.
    public let hashBits: UInt64

    /// The set without labels.
    public static let empty = LabelSet(sorted: [])

    /// Makes a set of labels that are sorted by name already, without duplicates or empty values.
    public init(sorted labels: ContiguousArray<Label>) {
        self.labels = labels
        var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
        for label in labels {
            let pair = UInt64(label.name.rawValue) << 32 | UInt64(label.value.rawValue)
            let product = (hash ^ pair).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
            hash = product.high ^ product.low
        }
        hashBits = hash
    }

    /// Makes a set of pairs in any order; of equal names the last counts, empty values are left out.
    public init(_ pairs: some Sequence<(String, String)>) {
        self.init(pairs.map { Label(name: Symbol($0.0), value: Symbol($0.1)) })
    }

    /// Makes a set of labels in any order; of equal names the last counts, empty values are left out.
    public init(_ labels: some Sequence<Label>) {
        var latest: [Symbol: Symbol] = [:]
        for label in labels { latest[label.name] = label.value }
        let named = latest.filter { $0.value != .empty }
            .map { (text: $0.key.text, label: Label(name: $0.key, value: $0.value)) }
            .sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
        self.init(sorted: ContiguousArray(named.map(\.label)))
    }

    /// Compares the labels; a differing hash answers at once.
    public static func == (a: LabelSet, b: LabelSet) -> Bool {
        a.hashBits == b.hashBits && a.labels == b.labels
    }

    /// Feeds the kept hash.
    public func hash(into hasher: inout Hasher) { hasher.combine(hashBits) }

    /// How many labels there are.
    public var count: Int { labels.count }

    /// Whether there is no label.
    public var isEmpty: Bool { labels.isEmpty }

    /// The value of a name; nil where the set lacks it.
    @inlinable
    public subscript(name: Symbol) -> Symbol? {
        for label in labels where label.name == name { return label.value }
        return nil
    }

    /// The value of a name as text; empty where the set lacks it, as in Prometheus.
    public subscript(name: String) -> String {
        Symbol.existing(name).flatMap { self[$0] }?.text ?? ""
    }

    /// The metric's name; empty where there is none.
    public var metricName: String { self[Symbol.metricName]?.text ?? "" }

    /// The names and values as texts, in order.
    public var pairs: [(name: String, value: String)] {
        labels.map { ($0.name.text, $0.value.text) }
    }

    /// A copy with a label set; an empty value removes it.
    public func setting(_ name: Symbol, to value: Symbol) -> LabelSet {
        guard self[name] == nil, value != .empty else {
            let rest = labels.filter { $0.name != name }
            return value == .empty
                ? LabelSet(sorted: ContiguousArray(rest))
                : LabelSet(
                    sorted: ContiguousArray(
                        labels.map { $0.name == name ? Label(name: name, value: value) : $0 }
                    )
                )
        }
        let text = name.text
        let place =
            labels.firstIndex { text.utf8.lexicographicallyPrecedes($0.name.text.utf8) }
            ?? labels.endIndex
        var copy = labels
        copy.insert(Label(name: name, value: value), at: place)
        return LabelSet(sorted: copy)
    }

    /// A copy with a label set; an empty value removes it.
    public func setting(_ name: String, to value: String) -> LabelSet {
        setting(Symbol(name), to: Symbol(value))
    }

    /// A copy without the labels of these names.
    public func removing(_ names: Set<Symbol>) -> LabelSet { filtered { !names.contains($0.name) } }

    /// A copy with the labels of these names only.
    public func keeping(_ names: Set<Symbol>) -> LabelSet { filtered { names.contains($0.name) } }

    /// A copy with the labels that fulfil a condition, which is asked twice about each.
    @inline(__always)
    public func filtered(_ isIncluded: (Label) -> Bool) -> LabelSet {
        var count = 0
        for label in labels where isIncluded(label) { count += 1 }
        if count == labels.count { return self }
        if count == 0 { return .empty }
        // In one piece: an array that grows by one allocates again and again.
        var kept = ContiguousArray<Label>()
        kept.reserveCapacity(count)
        for label in labels where isIncluded(label) { kept.append(label) }
        return LabelSet(sorted: kept)
    }

    /// A copy without the metric's name.
    public var withoutMetricName: LabelSet { setting(.metricName, to: .empty) }

    /// A copy without the labels that describe the metric: its name, type and unit.
    ///
    /// Source: Prometheus, schema/labels.go: `IsMetadataLabel`.
    public var withoutMetadata: LabelSet {
        let (name, type, unit) = (Symbol.metricName, Symbol.metricType, Symbol.metricUnit)
        return filtered { $0.name != name && $0.name != type && $0.name != unit }
    }

    /// A hash that is the same in every process: FNV-1a over name, 255, value, 255 in order.
    ///
    /// Source: prometheus/common, model: `labelSetToFingerprint`.
    public var fingerprint: UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        for label in labels {
            for byte in label.name.text.utf8 { add(byte) }
            add(255)
            for byte in label.value.text.utf8 { add(byte) }
            add(255)
        }
        return hash
    }
}

extension LabelSet: ExpressibleByDictionaryLiteral {
    /// Makes a set of literal pairs.
    public init(dictionaryLiteral pairs: (String, String)...) { self.init(pairs) }
}

extension LabelSet: Comparable {
    /// Orders by the texts, label by label; a set comes after its own beginning.
    ///
    /// Source: Prometheus, model/labels: `Compare`.
    public static func < (a: LabelSet, b: LabelSet) -> Bool {
        for (x, y) in zip(a.labels, b.labels) where x != y {
            if x.name != y.name {
                return x.name.text.utf8.lexicographicallyPrecedes(y.name.text.utf8)
            }
            return x.value.text.utf8.lexicographicallyPrecedes(y.value.text.utf8)
        }
        return a.labels.count < b.labels.count
    }
}

extension LabelSet: CustomStringConvertible {
    /// Prometheus' form: `name{a="b", c="d"}`, without the braces where only a name is there.
    public var description: String {
        let rest = pairs.filter { $0.name != "__name__" }
        guard !rest.isEmpty || metricName.isEmpty else { return metricName }
        let list = rest.map { "\($0.name)=\(quoted($0.value))" }.joined(separator: ", ")
        return "\(metricName){\(list)}"
    }
}

/// A text in double quotes, with backslash, quote and line ends escaped.
public func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\\": result += "\\\\"
        case "\"": result += "\\\""
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case _ where scalar.value < 32 || scalar.value == 127:
            let digits = String(scalar.value, radix: 16)
            result += "\\x" + (digits.count < 2 ? "0" : "") + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
