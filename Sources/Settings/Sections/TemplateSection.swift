// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import ConfigYAML
internal import EventIO
internal import SourceText
internal import Templates

extension MappingReader {
    /// The templates of the files that a key's patterns name; what is wrong is noted at its place.
    func templateLibrary(_ key: String, _ find: (ValueReader) -> [String]) -> TemplateLibrary {
        var library = TemplateLibrary.empty
        var parsed: [(file: SourceFile, template: Template)] = []
        for path in list(key).flatMap(find) {
            do {
                let file = try sourceFile(named: path, bytes: try contents(ofFile: path))
                do throws(TemplateError) {
                    parsed.append((file, try library.add(parsing: file.text, name: path)))
                } catch {
                    let place = SourcePosition(utf8Offset: error.utf8Offset, in: file.text)
                    let message = "bad template: \(error.message)"
                    sink.add([Diagnostic(in: file, at: place, message)])
                }
            } catch let fault as Diagnostic {
                sink.add([fault])
            } catch {
                self.error(atKey: key, "\(error)")
            }
        }
        // Files may call each other's templates, whatever their order.
        for (file, template) in parsed {
            for call in template.undefinedCalls(in: library) {
                let place = SourcePosition(utf8Offset: call.utf8Offset, in: file.text)
                sink.add([Diagnostic(call.severity, in: file, at: place, call.fault)])
            }
        }
        return library
    }

    /// A template's text; what is wrong with it is noted at its place.
    func template(_ key: String, _ library: TemplateLibrary) -> String? {
        guard let value = value(key), let text = value.string() else { return nil }
        value.check(template: text, of: key, library)
        return text
    }

    /// Templates by name; what is wrong with them is noted at its place.
    func templates(_ key: String, _ library: TemplateLibrary) -> [String: String] {
        var result: [String: String] = [:]
        for (name, value) in entries(key) {
            guard let text = value.string() else { continue }
            value.check(template: text, of: name, library)
            result[name] = text
        }
        return result
    }
}

extension ValueReader {
    fileprivate func check(template text: String, of name: String, _ library: TemplateLibrary) {
        do throws(TemplateError) {
            let template = try Template(parsing: text, name: name, library: library)
            for call in template.undefinedCalls() {
                let place = position(ofUTF8Offset: call.utf8Offset)
                sink.add([Diagnostic(call.severity, in: sink.file, at: place, call.fault)])
            }
        } catch {
            self.error(atUTF8Offset: error.utf8Offset, "bad template: \(error.message)")
        }
    }
}

extension UndefinedTemplate {
    /// Whether Alertmanager has a template of this name by itself.
    ///
    /// A configuration that relies on it is right; our own text stands where it cannot be expanded.
    private var isAlertmanagers: Bool {
        name.hasPrefix("__") || name.split(separator: ".").dropFirst().first == "default"
    }

    fileprivate var severity: Diagnostic.Severity { isAlertmanagers ? .warning : .error }

    fileprivate var fault: String {
        isAlertmanagers
            ? "template '\(name)' is Alertmanager's own; Nightjar's text stands in its place"
            : "there is no template '\(name)'"
    }
}
