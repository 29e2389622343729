// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Collectors
internal import ConfigYAML
internal import Samples

extension NameFilter {
    /// Decodes `{include: [...], exclude: [...]}`, regular expressions over whole names.
    init(_ mapping: MappingReader) {
        self.init(
            include: mapping.expressions("include"),
            exclude: mapping.expressions("exclude")
        )
        mapping.finish()
    }
}

extension MappingReader {
    /// The regular expressions of a key's list; one that does not parse is noted.
    func expressions(_ key: String) -> [RegularExpression] {
        list(key).compactMap { value -> RegularExpression? in
            guard let text = value.string() else { return nil }
            do throws(RegularExpressionError) {
                return try RegularExpression(text)
            } catch {
                value.error("bad regular expression '\(text)': \(error.message)")
                return nil
            }
        }
    }
}
