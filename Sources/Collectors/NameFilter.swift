// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Samples

/// Chooses names: those that one of `include` matches as a whole, and none of `exclude`.
public struct NameFilter: Sendable, Equatable {
    private let include: [RegularExpression]
    private let exclude: [RegularExpression]

    /// Makes a filter; without `include` all names are in.
    public init(include: [RegularExpression] = [], exclude: [RegularExpression] = []) {
        self.include = include
        self.exclude = exclude
    }

    /// Takes every name.
    public static let all = NameFilter()

    /// Whether `name` is chosen.
    public func accepts(_ name: String) -> Bool {
        (include.isEmpty || include.contains { $0.matches(name) })
            && !exclude.contains { $0.matches(name) }
    }
}
