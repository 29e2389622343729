// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A text of the configuration that needs no expansion; nil where it is empty or a template.
func fixed(_ text: String?) -> String? {
    guard let text, !text.isEmpty else { return nil }
    var isBrace = false
    for byte in text.utf8 {
        if byte == UInt8(ascii: "{"), isBrace { return nil }
        isBrace = byte == UInt8(ascii: "{")
    }
    return text
}
