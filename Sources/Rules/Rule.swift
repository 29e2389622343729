// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import PromQLSyntax
public import SourceText
public import Templates

/// A text with a template, kept by name: a label or an annotation of a rule.
public struct RuleText: Sendable {
    /// The name of the label or annotation.
    public let name: String
    /// The text as written.
    public let text: String
    /// The same, ready to be expanded; nil where the text is taken as it is.
    public let template: Template?
}

extension RuleText: Equatable {
    /// Whether name and text agree.
    public static func == (a: RuleText, b: RuleText) -> Bool {
        a.name == b.name && a.text == b.text
    }
}

/// One rule of a group.
public struct Rule: Sendable {
    /// What a rule does.
    public enum Kind: String, Sendable, Hashable {
        /// It writes the results of its expression as a new series.
        case recording
        /// It makes alerts of the results of its expression.
        case alerting
    }

    /// What it does.
    public let kind: Kind
    /// The name of the series, or of the alert.
    public let name: String
    /// The expression.
    public let expression: Expression
    /// The expression as written.
    public let expressionText: String
    /// How long the condition must hold before the alert fires.
    public let pendingFor: Duration
    /// How long the alert goes on firing once the condition no longer holds.
    public let keepFiringFor: Duration
    /// The labels, those of the group included, sorted by name.
    public let labels: [RuleText]
    /// The annotations, sorted by name.
    public let annotations: [RuleText]
    /// Where the rule stands in its file.
    public let position: SourcePosition

    /// What the rule is known by over a restart or a reload: its name and labels as written.
    public var identity: String {
        ([name] + labels.map { "\($0.name)=\($0.text)" }).joined(separator: "\u{1}")
    }
}

/// Rules that are evaluated one after the other at one moment.
public struct RuleGroup: Sendable {
    /// The name, which no other group of the file has.
    public let name: String
    /// The file, as it was named to the parser.
    public let file: String
    /// The time between two evaluations; nil stands for the global one.
    public let interval: Duration?
    /// How far in the past the expressions are evaluated; nil stands for the global one.
    public let queryOffset: Duration?
    /// How many results a rule may have; 0 for any number.
    public let limit: Int
    /// The rules in the order of the file.
    public let rules: [Rule]

    /// `file;name`, what the group is known by in metrics.
    public var key: String { "\(file);\(name)" }
}

extension Rule: Equatable {
    /// Whether two rules do the same; where they stand does not count.
    public static func == (a: Rule, b: Rule) -> Bool {
        a.kind == b.kind && a.name == b.name && a.expressionText == b.expressionText
            && a.pendingFor == b.pendingFor && a.keepFiringFor == b.keepFiringFor
            && a.labels == b.labels && a.annotations == b.annotations
    }
}

extension RuleGroup: Equatable {}
