// SPDX-License-Identifier: Apache-2.0
// Nightjar
import TestSupport
import Testing

/// Reads `Sources/`, `Package.swift` and ARCHITECTURE.md and holds them against each other.
@Suite struct ImportTests {
    /// What every module may import beside its row.
    static let everywhere: Set = ["Swift", "Synchronization", "Locking", "Logging"]

    @Test func `every import is in the table`() throws {
        let table = try ModuleTable.read()
        for (module, imports) in try SourceTree.importsByModule() {
            let row = try #require(table.rows[module], "\(module) is not in ARCHITECTURE.md")
            for (name, file) in imports.sorted(by: { $0.key < $1.key }) {
                let isAllowed =
                    row.imports.contains(name) || Self.everywhere.contains(name)
                    || row.system.contains(name)
                #expect(isAllowed, "\(file) imports \(name), which \(module)'s row does not list")
            }
        }
    }

    @Test func `imports point down`() throws {
        let table = try ModuleTable.read()
        #expect(table.rows.count > 40)
        for (module, row) in table.rows {
            for name in row.imports {
                guard let other = table.rows[name] else { continue }
                #expect(
                    other.layer < row.layer || Self.everywhere.contains(name),
                    "\(module) in layer \(row.layer) imports \(name) in layer \(other.layer)"
                )
            }
        }
    }

    @Test func `Foundation is imported nowhere`() throws {
        for (module, imports) in try SourceTree.importsByModule() {
            for name in ["Foundation", "FoundationNetworking", "FoundationEssentials"] {
                #expect(imports[name] == nil, "\(module): \(imports[name] ?? "") imports \(name)")
            }
        }
    }

    @Test func `Foundation is linked nowhere`() throws {
        let binary = builtProgram("nightjar")
        let list = try TextFile.output(of: ["objdump", "-p", binary])
        let needed = list.split(separator: "\n").filter { $0.contains("NEEDED") }
        #expect(needed.contains { $0.contains("libpq") }, "objdump told nothing of \(binary)")
        #expect(!needed.contains { $0.contains("Foundation") })
    }

    @Test func `the manifest names no outside package`() throws {
        let manifest = try TextFile.read(repositoryRoot + "/Package.swift")
        #expect(!manifest.contains(".package("))
    }

    @Test func `files named in documents exist`() throws {
        for document in ["README.md", "CONTRIBUTING.md"] {
            let text = try TextFile.read(repositoryRoot + "/" + document)
            for target in MarkdownLinks(text).local {
                #expect(
                    TextFile.exists(repositoryRoot + "/" + target),
                    "\(document) names \(target), which does not exist"
                )
            }
        }
    }
}
