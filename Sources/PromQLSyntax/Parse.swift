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
    var parser = Parser(text, options: options)
    let expression = try parser.whole()
    try TypeCheck(text: text).check(expression)
    return expression
}

/// Parses a selector of series without modifiers, as the API's `match[]` has it.
///
/// - Parameter text: the selector; it may be `{}`, which excludes nothing.
/// - Returns: all conditions, the one on the name included.
/// - Throws: `ParseError` with the first fault, in Prometheus' words.
public func parseMetricSelector(_ text: String) throws(ParseError) -> [Matcher] {
    var parser = Parser(text, options: .standard)
    return try parser.wholeSelector().matchers
}
