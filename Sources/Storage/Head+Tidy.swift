// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

extension Head {
    /// Ends open chunks that began long ago, so that the log's old batches can go.
    mutating func sealOld() {
        for place in series.indices {
            guard series[place].open.count > 0,
                series[place].open.firstTime < now &- Series.spanMs
            else { continue }
            series[place].seal()
            unsaved.insert(SeriesRef(place))
        }
    }

    /// Drops chunks that are on disk and older than `time`; returns how many samples are lost because
    /// the disk took none for as long again as memory keeps them.
    mutating func dropSaved(before time: Int64, unsavedBefore older: Int64) -> Int {
        var lost = 0
        for place in series.indices {
            let oldest = series[place].windowStart(older)
            lost += series[place].drop(before: oldest, evenUnsaved: true)
            let start = series[place].windowStart(time)
            lost += series[place].drop(before: start, evenUnsaved: false)
        }
        return lost
    }

    /// Drops all chunks that ended before `time`, where memory is all there is.
    mutating func dropAll(before time: Int64) {
        for place in series.indices where series[place].memoryStart < time {
            _ = series[place].drop(before: time, evenUnsaved: true)
            series[place].forget(before: time)
        }
    }

    /// Notes that the disk has nothing before `time`.
    mutating func forget(before time: Int64) {
        for place in series.indices { series[place].forget(before: time) }
    }

    /// Removes the series whose last sample is before `time` and that no target has now.
    mutating func removeSeries(endedBefore time: Int64) {
        let old = series.indices.filter {
            series[$0].lastTime < time && series[$0].firstTime != .max
        }
        guard !old.isEmpty else { return }
        let present = targets.values.reduce(into: Set<SeriesRef>()) { $0.formUnion($1) }
        for place in old where !present.contains(SeriesRef(place)) {
            if isLogging { log.removed.append(series[place].id) }
            remove(SeriesRef(place))
        }
    }

    /// Notes that the disk is empty: all that memory has is written again.
    mutating func forgetDisk() {
        log.series = []
        log.removed = []
        for place in series.indices where series[place].firstTime != .max {
            series[place].seal()
            series[place].forgetDisk()
            log.series.append((series[place].id, series[place].labels))
            if !series[place].unsaved.isEmpty { unsaved.insert(SeriesRef(place)) }
        }
    }

    /// Bytes that all samples take in memory.
    var byteCount: Int { series.reduce(0) { $0 + $1.byteCount } }

    /// The time of the oldest sample; nil where there is none.
    var oldestTime: Int64? {
        series.lazy.map(\.firstTime).min().flatMap { $0 == .max ? nil : $0 }
    }
}
