// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// The greatest or least values of a row, whichever series they come from.
///
/// It is a heap with the worst value on top. Of equal values those stay that Prometheus keeps, which
/// depends on how a heap moves its elements; so this one moves them alike.
/// Source: Prometheus, promql/engine.go: `aggregationK`; Go, container/heap.
struct BestValues {
    private let limit: Int
    private let isTop: Bool
    private var heap: [(index: Int, value: Double)] = []

    /// Keeps at most `limit` values; the greatest with `isTop`, else the least.
    init(limit: Int, isTop: Bool) {
        self.limit = limit
        self.isTop = isTop
    }

    /// Offers a value.
    mutating func add(_ index: Int, _ value: Double) {
        if heap.count < limit {
            heap.append((index, value))
            rise(heap.count - 1)
        } else if isWorse(heap[0].value, value) {
            heap[0] = (index, value)
            sink(0)
        }
    }

    /// The indices of what was kept, best first and NaN last.
    var indices: [Int] {
        heap.sorted { a, b in
            if a.value.isNaN || b.value.isNaN { return !a.value.isNaN && b.value.isNaN }
            return isTop ? a.value > b.value : a.value < b.value
        }
        .map(\.index)
    }

    private func isWorse(_ a: Double, _ b: Double) -> Bool {
        if a.isNaN { return !b.isNaN }
        return isTop ? a < b : a > b
    }

    /// The heap's own order: NaN is below everything, itself included.
    private func precedes(_ a: Int, _ b: Int) -> Bool {
        let (x, y) = (heap[a].value, heap[b].value)
        return x.isNaN || (isTop ? x < y : x > y)
    }

    private mutating func rise(_ place: Int) {
        var place = place
        while place > 0 {
            let parent = (place - 1) / 2
            guard precedes(place, parent) else { return }
            heap.swapAt(place, parent)
            place = parent
        }
    }

    private mutating func sink(_ place: Int) {
        var place = place
        while true {
            var child = 2 * place + 1
            guard child < heap.count else { return }
            if child + 1 < heap.count, precedes(child + 1, child) { child += 1 }
            guard precedes(child, place) else { return }
            heap.swapAt(child, place)
            place = child
        }
    }
}
