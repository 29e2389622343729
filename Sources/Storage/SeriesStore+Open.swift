// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Logging
internal import SQLite
public import Telemetry

extension SeriesStore {
    /// What a store is made of, once its files are open.
    struct Parts {
        var head: Head
        var disk: SampleDisk?
        let ledger: Ledger
        var guardian: ProcessLock?
        /// A damaged database whose history is still to be brought back.
        var aside: String?
    }

    /// Opens the databases in the options' directory, or makes them; history is there at once.
    ///
    /// A damaged database is set aside under another name, counted and logged, and begun anew: the
    /// daemon's duty is to watch from now on. `samples.db` and `ledger.db` are apart, so that damage
    /// to the large one does not touch alert state.
    ///
    /// - Parameters:
    ///   - options: where and how much.
    ///   - telemetry: where storage's own metrics go.
    ///   - log: where a damaged database and a disk that fails are told.
    /// - Returns: the store; `run` is to be called for it to write by itself.
    /// - Throws: `StorageError`: `newerSchema` where a newer program wrote the files, `inUse` where
    ///   another process has them, `unavailable` where they cannot be made.
    public static func open(
        _ options: StorageOptions,
        telemetry: Registry,
        log: Log? = nil
    ) async throws(StorageError) -> SeriesStore {
        let meters = StorageMeters(telemetry)
        guard let directory = options.path else {
            let parts = Parts(
                head: Head(options),
                ledger: try Ledger(path: ":memory:", meters: meters)
            )
            return SeriesStore(options: options, parts: parts, meters: meters, log: log)
        }
        guard DatabaseFiles.makeDirectory(directory) else {
            throw StorageError(.unavailable, "open \(directory): cannot be made or written")
        }
        guard let guardian = ProcessLock(directory + "/lock") else {
            throw StorageError(.inUse, "open \(directory): another process uses it")
        }
        let opening = Opening(options: options, meters: meters, log: log)
        let ledger = try opening.ledger(directory + "/ledger.db")
        let (disk, head, aside) = try await opening.samples(directory + "/samples.db")
        let parts = Parts(
            head: head,
            disk: disk,
            ledger: ledger,
            guardian: guardian,
            aside: aside
        )
        return SeriesStore(options: options, parts: parts, meters: meters, log: log)
    }
}

/// Opens databases, the damaged ones anew.
private struct Opening {
    let options: StorageOptions
    let meters: StorageMeters
    let log: Log?

    func ledger(_ path: String) throws(StorageError) -> Ledger {
        do {
            return try Ledger(path: path, meters: meters, log: log)
        } catch {
            guard error.reason == .damaged else { throw error }
            Ledger.salvage(try setAside(path, error), to: path)
            return try Ledger(path: path, meters: meters, log: log)
        }
    }

    func samples(_ path: String) async throws(StorageError) -> (SampleDisk, Head, String?) {
        do {
            let (disk, head, number) = try await load(path)
            return (disk, head, number.map { "\(path).damaged-\($0)" })
        } catch {
            guard error.isDamaged else { throw StorageError(error, doing: "open \(path)") }
            let aside = try setAside(path, StorageError(error, doing: "open \(path)"))
            return try await begin(path, after: aside)
        }
    }

    /// Begins a new database with what can be read of the one before.
    private func begin(
        _ path: String,
        after aside: String
    ) async throws(StorageError) -> (SampleDisk, Head, String?) {
        do {
            var (disk, head, _) = try await load(path)
            guard var found = Head.salvage(aside, options) else { return (disk, head, nil) }
            found.isLogging = true
            head = found
            try await disk.perform { database throws(DatabaseError) in
                try database.noteSalvage(of: aside)
            }
            return (disk, head, aside)
        } catch {
            throw StorageError(error, doing: "open \(path)")
        }
    }

    private func load(
        _ path: String
    ) async throws(DatabaseError) -> (disk: SampleDisk, head: Head, salvage: Int64?) {
        let disk = try SampleDisk(path: path)
        let options = options
        var (head, damaged, salvage) = try await disk.perform { database throws(DatabaseError) in
            let salvage = try database.salvageNumber()
            let (head, damaged) = try Head.load(
                from: &database,
                options,
                keepsEmpty: salvage != nil
            )
            return (head, damaged, salvage)
        }
        head.isLogging = true
        meters.faults.damaged(batches: damaged)
        return (disk, head, salvage)
    }

    private func setAside(
        _ path: String,
        _ error: StorageError
    ) throws(StorageError) -> String {
        guard let aside = DatabaseFiles.setAside(path) else { throw error }
        meters.faults.setAside()
        log?(
            .warning,
            "set a damaged database aside",
            [Field("now", aside), Field("error", error)]
        )
        return aside
    }
}
