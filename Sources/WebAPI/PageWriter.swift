// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Exposition
internal import HTTPServer
internal import Samples

/// What pages differ in besides their families.
struct PageStyle: Hashable {
    let format: ExpositionFormat
    let escaping: NameEscaping

    init(_ request: ExpositionRequest) {
        format = request.format
        escaping = request.escaping
    }
}

/// Writes the pages of one style, plain and compressed; only the actor that has it touches it.
final class PageWriter {
    private var writer: ExpositionWriter
    private var plain: ResponseBuffer?
    private var packed: ResponseBuffer?

    init(_ style: PageStyle, adding added: [(name: String, value: String)] = []) {
        writer = ExpositionWriter(format: style.format, escaping: style.escaping, adding: added)
    }

    /// Whether there is a page.
    var hasPage: Bool { plain != nil }

    /// Drops the page; what it was rendered from stays.
    func dropPage() { (plain, packed) = (nil, nil) }

    /// The page, which is rendered and compressed for the first who asks.
    func page(isCompressed: Bool, of families: () -> [MetricFamily]) -> ResponseBuffer {
        let plain = self.plain ?? ResponseBuffer(writer.page(families()))
        self.plain = plain
        guard isCompressed else { return plain }
        let packed = self.packed ?? ResponseBuffer(gzipped(plain.array))
        self.packed = packed
        return packed
    }
}
