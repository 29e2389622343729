// SPDX-License-Identifier: Apache-2.0
// Nightjar
import TestSupport

/// The table of ARCHITECTURE.md section 2.
struct ModuleTable {
    struct Row {
        let layer: Int
        let imports: Set<String>
        /// What of the toolchain's the row allows: Dispatch and the C library where it says so.
        let system: Set<String>
    }

    private(set) var rows: [String: Row] = [:]

    static func read() throws -> ModuleTable {
        let text = try TextFile.read(repositoryRoot + "/ARCHITECTURE.md")
        var table = ModuleTable()
        var known: [(layer: Int, names: [String], cell: Substring)] = []
        for line in text.split(separator: "\n") {
            let cells = line.split(separator: "|").map { $0.trimmed }
            guard cells.count == 4, let layer = Int(cells[0]) else { continue }
            known.append((layer, codeSpans(cells[1]), cells[3]))
        }
        for entry in known {
            let imports = importedNames(
                entry.cell,
                below: entry.layer,
                of: known.map { ($0.layer, $0.names) }
            )
            for name in entry.names {
                table.rows[name] = Row(
                    layer: entry.layer,
                    imports: imports,
                    system: entry.cell.contains("Dispatch") ? ["Dispatch", "Glibc"] : ["Glibc"]
                )
            }
        }
        return table
    }

    private static func importedNames(
        _ cell: Substring,
        below layer: Int,
        of rows: [(Int, [String])]
    ) -> Set<String> {
        if cell.contains("everything above") {
            return Set(rows.filter { $0.0 < layer }.flatMap(\.1))
        }
        var names = Set(
            cell.split { !($0.isLetter || $0.isNumber) }.map(String.init)
        )
        if cell.contains("the four clients") {
            names.formUnion(["PostgresClient", "RedisClient", "HTTPFetch", "KafkaClient"])
        }
        if cell.contains("the option types of layers 2-6") {
            names.formUnion(rows.filter { (2...6).contains($0.0) }.flatMap(\.1))
        }
        return names
    }
}

/// The words between back quotes.
func codeSpans(_ text: Substring) -> [String] {
    let parts = text.split(separator: "`", omittingEmptySubsequences: false)
    return parts.indices.filter { $0 % 2 == 1 }.map { String(parts[$0]) }
}

extension Substring {
    var trimmed: Substring {
        var rest = self
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return rest
    }
}
