// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// The tables of `samples.db`.
enum SampleSchema {
    /// The schema's versions.
    ///
    /// `mark` has `needed`: the first batch of the log that holds samples of open chunks; those before
    /// are kept for followers only, and a start does not read them. In the third, a chunk's key is one
    /// number (`ChunkKey`), and `bounds`, narrow rows that change often, are apart from the labels.
    /// `dirty` has the periods with rows that may still be joined; `form` is that of a batch's bytes.
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
        """
        CREATE TABLE bounds(
            series INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL
        );
        INSERT INTO bounds SELECT id, first, last FROM series WHERE first IS NOT NULL;
        ALTER TABLE series DROP COLUMN first;
        ALTER TABLE series DROP COLUMN last;
        CREATE TABLE keyed(key INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
        INSERT OR IGNORE INTO keyed SELECT
            (period << 44) | (series << 14) | ((first - period * 21600000) * 16384 / 21600000), bytes
        FROM chunk ORDER BY period, series, first;
        DROP TABLE chunk;
        ALTER TABLE keyed RENAME TO chunk;
        CREATE TABLE dirty(period INTEGER PRIMARY KEY);
        INSERT OR IGNORE INTO dirty SELECT key >> 44 FROM chunk;
        ALTER TABLE batch ADD COLUMN form INTEGER NOT NULL DEFAULT 1;
        """,
    ]
}
