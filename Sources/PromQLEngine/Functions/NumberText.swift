// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import SourceText

/// A number as Go's `%g` writes it: with an exponent below 1e-4 and from 1e6 on.
func goText(_ value: Double) -> String { formatFloat(value, verb: "g", precision: -1) }

/// A number as Go's `%.2g` writes it where `digits` is 2.
func goText(_ value: Double, digits: Int) -> String {
    formatFloat(value, verb: "g", precision: digits)
}

/// A number as Go writes it without an exponent, however large.
func plainText(_ value: Double) -> String { formatFloat(value, verb: "f", precision: -1) }

/// A number as Go's `%f` writes it, with six decimals.
func fixedText(_ value: Double) -> String { formatFloat(value, verb: "f", precision: 6) }
