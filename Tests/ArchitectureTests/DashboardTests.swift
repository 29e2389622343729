// SPDX-License-Identifier: Apache-2.0
// Nightjar
import PromQLSyntax
import SourceText
import TestSupport
import Testing

@Suite struct DashboardTests {
    static let names = [
        "overview", "database-pools", "circuit-breakers", "redis", "kafka-lag", "services",
    ]

    @Test(arguments: names)
    func `every expression parses and asks for known metrics`(name: String) throws {
        let expressions = expressions(in: try dashboard(name))
        #expect(expressions.count > 5)
        for text in expressions {
            let expression = try parseExpression(withoutVariables(text))
            #expect(!expression.selectors.isEmpty, "\(text)")
            for selector in expression.selectors {
                #expect(MetricCatalogue.standard.hasSeries(selector.name ?? ""), "\(text)")
            }
        }
    }

    @Test(arguments: names)
    func `the data source is a variable everywhere`(name: String) throws {
        let document = try dashboard(name)
        #expect(document["uid"]?.string == "nightjar-\(name)")
        let variables = document["templating"]?["list"]?.array ?? []
        #expect(variables.first?["type"]?.string == "datasource")
        for panel in document["panels"]?.array ?? [] where panel["type"]?.string != "row" {
            #expect(panel["datasource"]?["uid"]?.string == "${datasource}")
            #expect(panel["description"]?.string?.isEmpty == false)
            for target in panel["targets"]?.array ?? [] {
                #expect(target["datasource"]?["uid"]?.string == "${datasource}")
            }
        }
    }

    @Test(
        .enabled(
            if: conformanceFolder("schemas") != nil && DashboardTests.hasJSONSchema,
            "../shared/conformance/schemas or Python's jsonschema is absent"
        ),
        arguments: names
    )
    func `the file has the shape that Grafana declares`(name: String) throws {
        let folder = try #require(conformanceFolder("schemas"))
        let file = repositoryRoot + "/dashboards/\(name).json"
        let found = try TextFile.output(
            of: ["python3", folder + "/check", "grafana-dashboard", file]
        )
        #expect(found == "")
    }

    private static var hasJSONSchema: Bool {
        (try? ServerProcess.run(["python3", "-c", "import jsonschema"])) == 0
    }

    private func dashboard(_ name: String) throws -> JSONValue {
        try JSONValue.parse(try TextFile.read(repositoryRoot + "/dashboards/\(name).json"))
    }

    private func expressions(in document: JSONValue) -> [String] {
        (document["panels"]?.array ?? []).flatMap { $0["targets"]?.array ?? [] }
            .compactMap { $0["expr"]?.string }
    }

    /// Grafana replaces variables before it asks; inside quotes any text stands for them.
    private func withoutVariables(_ text: String) -> String {
        String(text.map { $0 == "$" ? "x" : $0 })
    }
}
