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
                ledger: try Ledger(path: ":memory:")
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
        let (disk, head) = try await opening.samples(directory + "/samples.db")
        let parts = Parts(head: head, disk: disk, ledger: ledger, guardian: guardian)
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
            return try Ledger(path: path)
        } catch {
            guard error.reason == .damaged else { throw error }
            try setAside(path, error)
            return try Ledger(path: path)
        }
    }

    func samples(_ path: String) async throws(StorageError) -> (SampleDisk, Head) {
        do {
            return try await load(path)
        } catch {
            guard error.isDamaged else { throw StorageError(error, doing: "open \(path)") }
            try setAside(path, StorageError(error, doing: "open \(path)"))
        }
        do {
            return try await load(path)
        } catch {
            throw StorageError(error, doing: "open \(path)")
        }
    }

    private func load(_ path: String) async throws(DatabaseError) -> (SampleDisk, Head) {
        let disk = try SampleDisk(path: path)
        let options = options
        var (head, damaged) = try await disk.perform { database throws(DatabaseError) in
            try Head.load(from: &database, options)
        }
        head.isLogging = true
        meters.damaged(batches: damaged)
        return (disk, head)
    }

    private func setAside(_ path: String, _ error: StorageError) throws(StorageError) {
        guard let aside = DatabaseFiles.setAside(path) else { throw error }
        meters.setAside()
        log?(
            .warning,
            "set a damaged database aside",
            [Field("now", aside), Field("error", error)]
        )
    }
}
