// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// The tables of `samples.db`, and how time is cut on disk.
enum SampleSchema {
    /// Milliseconds of a period: chunks are stored by the period that they begin in, so that old ones
    /// lie together and leave together.
    static let periodMs: Int64 = 6 * 3_600_000

    static func period(of time: Int64) -> Int64 {
        time >= 0 ? time / periodMs : (time + 1) / periodMs - 1
    }

    /// The schema's versions.
    ///
    /// `series.first` and `series.last` bound the series' chunks; null where it has none yet.
    /// `mark` has `needed`: the first batch of the log that holds samples of open chunks; those before
    /// are kept for followers only, and a start does not read them.
    /// AUTOINCREMENT, as an id that is used again would bring a lost series' samples back.
    static let migrations = [
        """
        CREATE TABLE series(
            id INTEGER PRIMARY KEY AUTOINCREMENT, labels BLOB NOT NULL, first INTEGER, last INTEGER
        );
        CREATE TABLE chunk(
            period INTEGER NOT NULL, series INTEGER NOT NULL, first INTEGER NOT NULL,
            last INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY(period, series, first)
        ) WITHOUT ROWID;
        CREATE TABLE batch(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
        """,
        """
        ALTER TABLE batch ADD COLUMN samples INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE mark(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        """,
    ]
}
