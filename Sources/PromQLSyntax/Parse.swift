// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Samples

/// Parses and type-checks an expression.
///
/// - Parameters:
///   - text: the expression.
///   - options: what is accepted.
/// - Returns: the typed tree.
/// - Throws: `ParseError` with the first fault, in Prometheus' words.
public func parseExpression(
    _ text: String,
    options: ParseOptions = .standard
) throws(ParseError) -> Expression {
    throw ParseError("no expression found in input", at: 0..<0, in: text)
}

/// Parses a selector of series without modifiers, as the API's `match[]` has it.
///
/// - Parameter text: the selector.
/// - Returns: all conditions, the one on the name included.
/// - Throws: `ParseError` with the first fault, in Prometheus' words.
public func parseMetricSelector(_ text: String) throws(ParseError) -> [Matcher] {
    throw ParseError("no expression found in input", at: 0..<0, in: text)
}
