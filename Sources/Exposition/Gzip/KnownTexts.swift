// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Texts that are written one after the other with little between, by what each repeats.
///
/// The texts of a family's series are much alike; what each has of the one before is found once and
/// holds for every page.
struct KnownTexts {
    /// Bytes as they are, and then a repetition, which may be empty.
    struct Piece {
        var literals: UInt16 = 0
        var length: UInt16 = 0
        /// How far back the repetition is: in the text itself, or besides the distance of both texts.
        var shift: Int16 = 0
        var isOwn = false
    }

    /// A text's checksum as a part, and what takes another past it; nil for long texts.
    struct Sum {
        let value: UInt32
        let table: Int?
    }

    /// Longer texts are written as they are, so that every distance is within the window.
    private static let longest = 8_192

    private(set) var pieces: ContiguousArray<Piece> = []
    /// Where each text's pieces end.
    private(set) var ends: ContiguousArray<Int> = []
    private(set) var sums: ContiguousArray<Sum> = []

    /// Finds the repetitions of texts that fill `bytes` up to the last of `textEnds`.
    ///
    /// An empty text is none.
    init(_ bytes: [UInt8], _ textEnds: some Sequence<Int>, _ advances: inout CheckAdvances) {
        var search = RepetitionSearch(bytes)
        var (before, start) = (0..<0, 0)
        for end in textEnds {
            defer { ends.append(pieces.count) }
            guard end > start else {
                sums.append(Sum(value: 0, table: nil))
                continue
            }
            let text = start..<end
            let sum = CheckSum(ofPart: bytes[text]).part
            sums.append(Sum(value: sum, table: advances.table(for: text.count)))
            if text.count > Self.longest {
                addLiterals(text.count)
                before = end..<end
            } else {
                find(text, before, &search)
                before = text
            }
            start = end
        }
    }

    private mutating func find(
        _ text: Range<Int>,
        _ before: Range<Int>,
        _ search: inout RepetitionSearch
    ) {
        var place = text.lowerBound
        var literalStart = place
        var shift = before.count
        while place < text.upperBound {
            guard let found = search.longest(at: place, in: text, before, likely: shift) else {
                search.note(place)
                place += 1
                continue
            }
            let isOwn = found.source >= text.lowerBound
            let own = place - found.source
            if !isOwn { shift = own }
            // What is behind both texts' beginnings counts; their distance comes with the page.
            let told = isOwn ? own : own - (text.lowerBound - before.lowerBound)
            addLiterals(place - literalStart)
            var piece = place > literalStart ? pieces.removeLast() : Piece()
            (piece.length, piece.shift) = (UInt16(found.length), Int16(told))
            piece.isOwn = isOwn
            pieces.append(piece)
            for skipped in place..<(place + found.length) { search.note(skipped) }
            place += found.length
            literalStart = place
        }
        addLiterals(place - literalStart)
    }

    private mutating func addLiterals(_ count: Int) {
        var rest = count
        while rest > 0 {
            let some = min(rest, Int(UInt16.max))
            pieces.append(Piece(literals: UInt16(some)))
            rest -= some
        }
    }
}

/// Finds where bytes were before, by the last place of each four.
private struct RepetitionSearch {
    /// Shorter repetitions are no shorter than their bytes.
    private static let least = 5
    private static let most = 258

    private let bytes: [UInt8]
    private var places = ContiguousArray<Int>(repeating: -1, count: 4_096)

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Notes that four bytes begin at a place.
    mutating func note(_ place: Int) {
        guard let slot = slot(place) else { return }
        places[slot] = place
    }

    /// The longest of two candidates: the last place of the same four bytes, and as far back as the
    /// last repetition was.
    func longest(
        at place: Int,
        in text: Range<Int>,
        _ before: Range<Int>,
        likely shift: Int
    ) -> (source: Int, length: Int)? {
        var best = (source: 0, length: Self.least - 1)
        for source in [place - shift, slot(place).map { places[$0] } ?? -1] {
            guard source >= before.lowerBound, source < place, source >= 0 else { continue }
            // Between both texts stands what is not known here.
            let end = source < text.lowerBound ? before.upperBound : text.upperBound
            let limit = min(end - source, text.upperBound - place, Self.most)
            var length = 0
            while length < limit, bytes[source + length] == bytes[place + length] { length += 1 }
            if length > best.length { best = (source, length) }
        }
        return best.length >= Self.least ? best : nil
    }

    private func slot(_ place: Int) -> Int? {
        guard place + 4 <= bytes.count else { return nil }
        var four: UInt32 = 0
        for index in place..<(place + 4) { four = four << 8 | UInt32(bytes[index]) }
        return Int((four &* 0x9E37_79B1) >> 20)
    }
}
