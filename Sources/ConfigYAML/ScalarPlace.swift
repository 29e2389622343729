// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import SourceText

/// Finds the place in a file of a character of a scalar's decoded text.
///
/// Walks source and decoded text side by side, so it costs nothing until an error needs it.
func position(
    ofUTF8Offset offset: Int,
    in scalar: YAMLScalar,
    at node: YAMLNode,
    source: String
) -> SourcePosition {
    var walk = ScalarWalk(source: source, start: node.start, scalar: scalar)
    let decoded = Array(scalar.text.unicodeScalars)
    var byte = 0
    for character in decoded {
        walk.seek(character)
        if byte >= offset { return walk.position }
        walk.consume(character)
        byte += UTF8.width(character)
    }
    return walk.position
}

private struct ScalarWalk {
    private let text: [Unicode.Scalar]
    private var index = 0
    private var line: Int
    private var column: Int
    private let style: YAMLScalar.Style
    private var indent = 0

    var position: SourcePosition { SourcePosition(line: line, column: column) }
    private var isBlock: Bool { style == .literal || style == .folded }

    init(source: String, start: SourcePosition, scalar: YAMLScalar) {
        // A mark counts scalars from 1 in a line that any of CR LF, CR, LF ends; a BOM counts nothing.
        var scalars = source.unicodeScalars[...]
        if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
        text = Array(scalars)
        line = 1
        column = 1
        style = scalar.style
        while index < text.count, line < start.line { step() }
        while index < text.count, column < start.column { step() }
        skipProperties()
        switch scalar.style {
        case .plain: break
        case .singleQuoted, .doubleQuoted: step()
        case .literal, .folded: enterBlock(of: scalar.text)
        }
    }

    /// Steps over an anchor and a tag, which the mark of a node includes.
    private mutating func skipProperties() {
        while index < text.count, text[index] == "&" || text[index] == "!" {
            while index < text.count, text[index] != " ", text[index] != "\n" { step() }
            while index < text.count, text[index] == " " || text[index] == "\n" { step() }
        }
    }

    /// Leaves the header line and learns the block's indentation from its first line with text,
    /// less the spaces that the decoded text kept of it (an explicit indicator keeps some).
    private mutating func enterBlock(of decoded: String) {
        let header = line
        while index < text.count, line == header { step() }
        var probe = self
        while probe.index < text.count, " \r\n".unicodeScalars.contains(text[probe.index]) {
            probe.step()
        }
        let kept = decoded.unicodeScalars.drop { $0 == "\n" }.prefix { $0 == " " }.count
        indent = probe.column - 1 - kept
        skipIndent()
    }

    private mutating func skipIndent() {
        while index < text.count, column <= indent, text[index] == " " { step() }
    }

    private mutating func step() {
        defer { index += 1 }
        if text[index] == "\r", index + 1 < text.count, text[index + 1] == "\n" { return }
        if text[index] == "\n" || text[index] == "\r" {
            line += 1
            column = 1
        } else {
            column += 1
        }
    }

    /// Moves to the source character that stands for `character`.
    mutating func seek(_ character: Unicode.Scalar) {
        while index < text.count {
            let here = text[index]
            if here == character || (character == " " && (here == "\n" || here == "\r")) { return }
            if style == .doubleQuoted, here == "\\" {
                // An escaped line break stands for nothing.
                if index + 1 < text.count, text[index + 1] == "\n" || text[index + 1] == "\r" {
                    step()
                    continue
                }
                return
            }
            let isSpace = here == " " || here == "\t" || here == "\n" || here == "\r"
            guard isSpace else { return }
            step()
            if isBlock, column == 1 { skipIndent() }
        }
    }

    mutating func consume(_ character: Unicode.Scalar) {
        guard index < text.count else { return }
        if style == .singleQuoted, text[index] == "'" { step() }
        if style == .doubleQuoted, text[index] == "\\", index + 1 < text.count {
            let digits =
                switch text[index + 1] {
                case "x": 2
                case "u": 4
                case "U": 8
                default: 0
                }
            for _ in 0...digits where index < text.count { step() }
        }
        guard index < text.count else { return }
        step()
        if isBlock, column == 1 { skipIndent() }
    }
}
