// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking

/// A label name or value, interned: equal texts have equal symbols for the life of the process.
public struct Symbol: Sendable, Hashable, BitwiseCopyable {
    /// The index in the process's table of texts.
    public let rawValue: UInt32

    /// Interns `text`.
    public init(_ text: String) { rawValue = SymbolTable.shared.intern(text) }

    /// The empty text, which is always number 0.
    public static let empty = Symbol("")

    /// The name of the label that holds a metric's name, `__name__`.
    public static let metricName = Symbol("__name__")

    /// The name of the label that holds a metric's type, `__type__`.
    public static let metricType = Symbol("__type__")

    /// The name of the label that holds a metric's unit, `__unit__`.
    public static let metricUnit = Symbol("__unit__")

    /// Whether this names a label that describes the metric: its name, type or unit.
    public var isMetadata: Bool {
        self == .metricName || self == .metricType || self == .metricUnit
    }

    /// The text behind the symbol.
    public var text: String { SymbolTable.shared.text(rawValue) }

    /// The symbol of `text` where it is known already; asks without interning.
    public static func existing(_ text: String) -> Symbol? {
        SymbolTable.shared.find(text).map(Symbol.init(rawValue:))
    }

    /// How many different texts the process knows; they stay until it ends.
    public static var count: Int { SymbolTable.shared.count }

    /// Whether so many texts are known that what reads others' labels should take no new ones.
    ///
    /// Series are limited, but a target that invents labels would fill the table all the same, as
    /// series come and go; at 100 bytes a text the limit is 400 MB, and longer ones are counted by
    /// their bytes.
    public static var isTableFull: Bool { SymbolTable.shared.isFull }

    private init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// The process's texts.
///
/// They are never freed, as symbols are kept in many places: `Symbol.isTableFull` bounds them.
private final class SymbolTable: Sendable {
    static let shared = SymbolTable()

    private static let maxCount = 4_000_000
    private static let maxByteCount = 512 << 20

    private struct Content {
        var texts = SymbolTexts([""])
        var byteCount = 0
        var numbers: [Key: UInt32] = [Key(text: ""): 0]
    }

    /// A text that differs from others by its bytes.
    ///
    /// Strings are equal where they look alike, as a letter with an accent and the letter followed
    /// by the accent do; labels are not. Texts that look alike nearly always differ in length, which
    /// costs nothing to compare.
    private struct Key: Hashable {
        let text: String

        static func == (a: Key, b: Key) -> Bool {
            a.text.utf8.count == b.text.utf8.count && a.text == b.text
        }

        func hash(into hasher: inout Hasher) { hasher.combine(text) }
    }

    private let content = Lock(Content())

    func intern(_ text: String) -> UInt32 {
        content.withLock { content in
            if let number = content.numbers[Key(text: text)] { return number }
            let number = UInt32(content.texts.count)
            // A slice of a large text must not keep all of it alive.
            var copy = text
            copy.makeContiguousUTF8()
            content.texts.append(copy)
            content.byteCount += copy.utf8.count
            content.numbers[Key(text: copy)] = number
            return number
        }
    }

    var count: Int { content.withLock { $0.texts.count } }

    var isFull: Bool {
        content.withLock { $0.texts.count >= Self.maxCount || $0.byteCount >= Self.maxByteCount }
    }

    func find(_ text: String) -> UInt32? { content.withLock { $0.numbers[Key(text: text)] } }

    func text(_ number: UInt32) -> String { content.withLock { $0.texts[Int(number)] } }

    var texts: SymbolTexts { content.withLock { $0.texts } }
}

/// Texts by number, in blocks: who holds a copy costs the next text to come no more than one block.
struct SymbolTexts: Sendable {
    private static let bits = 10
    private var blocks: ContiguousArray<ContiguousArray<String>> = []
    private(set) var count = 0

    init(_ texts: [String] = []) {
        for text in texts { append(text) }
    }

    /// All texts that the process knows now.
    static var known: SymbolTexts { SymbolTable.shared.texts }

    subscript(number: Int) -> String {
        blocks[number >> Self.bits][number & (1 << Self.bits - 1)]
    }

    mutating func append(_ text: String) {
        if count & (1 << Self.bits - 1) == 0 { blocks.append([]) }
        blocks[count >> Self.bits].append(text)
        count += 1
    }
}
