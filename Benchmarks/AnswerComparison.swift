// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import SourceText

/// Tells how two answers of the query API differ beyond the noise of floating point.
///
/// Returns nil where they do not: the same series with the same times, values within 1e-9 of each
/// other.
func difference(_ ours: [UInt8], _ theirs: [UInt8]) throws -> String? {
    // Most answers are equal byte by byte, and some have a million points.
    if ours == theirs { return nil }
    let (a, b) = (try rows(ours), try rows(theirs))
    guard a.count == b.count else { return "\(a.count) series, not \(b.count)" }
    for (labels, values) in a {
        guard let others = b[labels] else { return "only here: \(labels)" }
        guard values.count == others.count else {
            return "\(values.count) points, not \(others.count)"
        }
        for (mine, other) in zip(values, others) where !isNear(mine, other) {
            return "\(mine[1]?.string ?? "?"), not \(other[1]?.string ?? "?")"
        }
    }
    return nil
}

/// The points of each series, by its labels' text.
private func rows(_ body: [UInt8]) throws -> [String: [JSONValue]] {
    let data = try JSONValue.parse(body)["data"]
    guard let result = data?["result"]?.array else { throw BenchmarkError("no result") }
    if data?["resultType"]?.string == "scalar" { return ["": [.array(result)]] }
    var rows: [String: [JSONValue]] = [:]
    for row in result {
        let labels = (row["metric"]?.members ?? []).map { "\($0.key)=\($0.value.string ?? "")" }
        rows[labels.sorted().joined(separator: ",")] =
            row["values"]?.array ?? row["value"].map { [$0] } ?? []
    }
    return rows
}

private func isNear(_ a: JSONValue, _ b: JSONValue) -> Bool {
    guard a[0]?.number == b[0]?.number, let x = a[1]?.string, let y = b[1]?.string else {
        return false
    }
    if x == y { return true }
    guard let x = Double(x), let y = Double(y), x.isFinite, y.isFinite else { return false }
    return (x - y).magnitude <= 1e-9 * max(x.magnitude, y.magnitude)
}
