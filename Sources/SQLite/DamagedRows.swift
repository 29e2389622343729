// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Goes through a table from the highest key down, past what cannot be read.
///
/// The tree of a table is entered by key from above, so a damaged page costs the keys that lie in it,
/// or in those below it. Their bounds are not known: the way past them is felt for by steps that grow
/// little by little, lest they pass over what can be read in between, and then by halves.
public struct DamagedRows: Sendable {
    private let selection: String
    private let table: String
    /// Steps that led to nothing, one after the other.
    private var misses = 0
    private let step: (@Sendable (Int64) -> Int64?)?
    private let key: String
    /// The highest key not looked at; nil at the end.
    public private(set) var next: Int64? = .max

    /// Steps of `step` that may lead to nothing: a few seconds.
    private static let maxMisses = 1 << 20
    /// Each step is longer by one part of so many: 2,800 lead through all keys there can be.
    private static let growth: UInt64 = 64

    /// Takes a table with a whole number as its primary key.
    ///
    /// - Parameters:
    ///   - table: the table.
    ///   - key: its key.
    ///   - columns: what is wanted beside the key, which is column 0.
    ///   - step: where to look next below a place that cannot be read, by who knows what keys there
    ///     may be; nil where he does not.
    public init(
        table: String,
        key: String,
        columns: [String] = [],
        step: (@Sendable (Int64) -> Int64?)? = nil
    ) {
        selection = "SELECT " + ([key] + columns).joined(separator: ", ") + " FROM \(table)"
        self.table = table
        self.step = step
        self.key = key
    }

    /// Hands over up to `limit` rows; one that is read twice is handed over once.
    public mutating func read(
        _ limit: Int,
        from database: inout Database,
        _ body: (borrowing Statement) -> Void
    ) {
        guard let start = next else { return }
        let sql = "\(selection) WHERE \(key) <= ? ORDER BY \(key) DESC LIMIT ?"
        var place = start
        var left = limit
        do throws(DatabaseError) {
            try database.with(sql) { rows throws(DatabaseError) in
                try rows.bind(1, start)
                try rows.bind(2, Int64(limit))
                while try rows.step() {
                    body(rows)
                    left -= 1
                    place = rows.int(0)
                }
            }
            next = left == 0 && place > .min ? place - 1 : nil
        } catch {
            if left != limit && place > .min { place -= 1 }
            switch look(place, 0, &database) {
            // The row is there, but not all of its bytes.
            case .row(let key): next = key > .min ? key - 1 : nil
            case .end: next = nil
            case .damage: next = readable(below: place, in: &database)
            }
        }
    }

    /// A key below `place` to go on from; nil where there is none.
    private mutating func readable(
        below place: Int64,
        in database: inout Database
    ) -> Int64? {
        let room = UInt64(bitPattern: place &- .min)
        var (low, high) = (UInt64(0), UInt64(1))
        if misses < Self.maxMisses, let next = step?(place), next < place {
            high = UInt64(bitPattern: place &- next)
            if look(place, high, &database) == .damage {
                misses += 1
                return next
            }
        }
        misses = 0
        while look(place, high, &database) == .damage {
            guard high < room else { return nil }
            low = high
            let step = high / Self.growth + 1
            high = high > room - step ? room : high + step
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if look(place, middle, &database) == .damage { low = middle } else { high = middle }
        }
        if case .row(let key) = look(place, high, &database) { return key }
        return nil
    }

    private enum Look: Equatable {
        case row(Int64)
        case end
        case damage
    }

    /// Looks for the highest row that is at least a step below a place.
    private func look(_ place: Int64, _ step: UInt64, _ database: inout Database) -> Look {
        let sql = "SELECT \(key) FROM \(table) WHERE \(key) <= ? ORDER BY \(key) DESC LIMIT 1"
        let found = try? database.with(sql) { rows throws(DatabaseError) -> Look in
            try rows.bind(1, place &- Int64(bitPattern: step))
            return try rows.step() ? .row(rows.int(0)) : .end
        }
        return found ?? .damage
    }
}
