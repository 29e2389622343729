// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import SourceText

/// Collects what is wrong with one file while it is decoded.
///
/// It belongs to the one function that decodes the file and never leaves it.
public final class DiagnosticSink {
    /// The file, for the lines that diagnostics show.
    public let file: SourceFile
    /// How `${...}` in string values is replaced.
    public let substitution: Substitution
    /// What was found so far, in the order of finding.
    public private(set) var diagnostics: [Diagnostic] = []

    /// Begins to collect.
    public init(file: SourceFile, substitution: Substitution = .none) {
        self.file = file
        self.substitution = substitution
    }

    /// Notes an error at a place.
    public func error(at position: SourcePosition?, _ message: String) {
        diagnostics.append(Diagnostic(in: file, at: position, message))
    }

    /// Notes a warning at a place.
    public func warning(at position: SourcePosition?, _ message: String) {
        diagnostics.append(Diagnostic(.warning, in: file, at: position, message))
    }

    /// Takes over what another reader found.
    public func add(_ others: [Diagnostic]) { diagnostics += others }
}

/// A YAML file that is being decoded: its first document, and what is wrong with it.
public struct ConfigDocument {
    /// Where all readers of this document note what is wrong.
    public let sink: DiagnosticSink
    /// The first document; nil where the file is empty or cannot be read as YAML.
    public let root: ValueReader?

    /// Reads a file's YAML; errors of its syntax are in `sink` already.
    ///
    /// Only the first document counts, as in Prometheus; more of them give a warning.
    public init(
        _ file: SourceFile,
        substitution: Substitution = .none,
        limits: YAMLLimits = YAMLLimits()
    ) {
        let sink = DiagnosticSink(file: file, substitution: substitution)
        let composition = compose(file, limits: limits)
        sink.add(composition.diagnostics)
        if composition.documents.count > 1 {
            let place = composition.documents[1].start
            sink.warning(at: place, "only the first YAML document of a file is read")
        }
        self.sink = sink
        root = composition.documents.first.flatMap { node in
            node.isNull ? nil : ValueReader(node: node, name: "the document", sink: sink)
        }
    }

    /// What was found so far, by place.
    public var diagnostics: [Diagnostic] { sink.diagnostics.inReadingOrder }
}

/// Makes a source file of bytes.
///
/// - Throws: a diagnostic where the bytes are not UTF-8.
public func sourceFile(
    named name: String,
    bytes: [UInt8]
) throws(Diagnostic) -> SourceFile {
    guard let text = String(validating: bytes, as: UTF8.self) else {
        let repaired = SourceFile(name: name, text: String(decoding: bytes, as: UTF8.self))
        let before = repaired.text.unicodeScalars.prefix { $0 != "\u{FFFD}" }
        let offset = before.reduce(0) { $0 + UTF8.width($1) }
        let place = SourcePosition(utf8Offset: offset, in: repaired.text)
        throw Diagnostic(in: repaired, at: place, "the file is not UTF-8 from here on")
    }
    return SourceFile(name: name, text: text)
}
