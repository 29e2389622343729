// SPDX-License-Identifier: Apache-2.0
// Nightjar
// A table of statements, longer than other files.

extension PostgresPart {
    /// The parts whose columns are labels and metrics one to one.
    static let mapped: [PostgresPart] = [
        statDatabase, databaseSize, bgwriter, checkpointer, replication, statReplication,
        replicationSlots, archiver, wal, wraparound, longRunning, postmaster, userTables,
        statements,
    ]

    private static let statDatabase = mapped(
        "stat_database",
        labels: ["datid", "datname"],
        metrics: [
            ("numbackends", .gauge("pg_stat_database_numbackends", "Sessions."))
        ]
            + counters(
                "pg_stat_database_",
                [
                    ("xact_commit", "Transactions committed."),
                    ("xact_rollback", "Transactions rolled back."),
                    ("blks_read", "Blocks read from disk."),
                    ("blks_hit", "Blocks found in the buffer cache."),
                    ("tup_returned", "Rows returned by scans."),
                    ("tup_fetched", "Rows fetched by queries."),
                    ("tup_inserted", "Rows inserted."), ("tup_updated", "Rows updated."),
                    ("tup_deleted", "Rows deleted."),
                    ("conflicts", "Queries cancelled because of recovery."),
                    ("deadlocks", "Deadlocks."), ("temp_files", "Temporary files made."),
                    ("temp_bytes", "Bytes written to temporary files."),
                    ("blk_read_time", "Milliseconds of reading blocks."),
                    ("blk_write_time", "Milliseconds of writing blocks."),
                    ("stats_reset", "When the counts were last reset, in seconds."),
                    ("active_time_seconds_total", "Seconds of running statements."),
                ]
            )
    ) { context in
        let active = context.major >= 14 ? "active_time / 1000" : "null"
        return """
            select datid, datname, numbackends, xact_commit, xact_rollback, blks_read, blks_hit,
              tup_returned, tup_fetched, tup_inserted, tup_updated, tup_deleted, conflicts,
              deadlocks, temp_files, temp_bytes, blk_read_time, blk_write_time,
              coalesce(extract(epoch from stats_reset), 0) as stats_reset,
              \(active) as active_time_seconds_total
            from pg_stat_database where datname is not null
            """
    }

    private static let databaseSize = mapped(
        "database",
        labels: ["datname"],
        metrics: [
            ("size", .gauge("pg_database_size_bytes", "Disk space of the database.")),
            (
                "connection_limit",
                .gauge("pg_database_connection_limit", "Connections allowed; -1 is no limit.")
            ),
        ]
    ) { _ in
        // A database that the account may not enter has no size for it; the others still do.
        """
        select datname, datconnlimit as connection_limit,
          case when has_database_privilege(oid, 'connect')
            or pg_has_role('pg_read_all_stats', 'usage') then pg_database_size(oid) end as size
        from pg_database where datallowconn
        """
    }

    private static let bgwriter = mapped(
        "bgwriter",
        metrics: counters(
            "pg_stat_bgwriter_",
            suffix: "_total",
            [
                ("checkpoints_timed", "Checkpoints by time."),
                ("checkpoints_req", "Checkpoints on request."),
                ("checkpoint_write_time", "Milliseconds of writing in checkpoints."),
                ("checkpoint_sync_time", "Milliseconds of synchronising in checkpoints."),
                ("buffers_checkpoint", "Buffers written by checkpoints."),
                ("buffers_clean", "Buffers written by the background writer."),
                ("maxwritten_clean", "Times the background writer stopped at its limit."),
                ("buffers_backend", "Buffers written by sessions themselves."),
                ("buffers_backend_fsync", "Times a session synchronised itself."),
                ("buffers_alloc", "Buffers allocated."),
                ("stats_reset", "When the counts were last reset, in seconds."),
            ]
        )
    ) { context in
        // Version 17 moved the checkpoints; their old names go on, for the dashboards that ask.
        context.major < 17
            ? """
            select \(oldBgwriterColumns),
              extract(epoch from stats_reset) as stats_reset from pg_stat_bgwriter
            """
            : """
            select c.num_timed as checkpoints_timed, c.num_requested as checkpoints_req,
              c.write_time as checkpoint_write_time, c.sync_time as checkpoint_sync_time,
              c.buffers_written as buffers_checkpoint, b.buffers_clean, b.maxwritten_clean,
              b.buffers_alloc, extract(epoch from b.stats_reset) as stats_reset
            from pg_stat_bgwriter b, pg_stat_checkpointer c
            """
    }

    private static let oldBgwriterColumns = """
        checkpoints_timed, checkpoints_req, checkpoint_write_time, checkpoint_sync_time,
        buffers_checkpoint, buffers_clean, maxwritten_clean, buffers_backend,
        buffers_backend_fsync, buffers_alloc
        """

    private static let checkpointer = mapped(
        "checkpointer",
        metrics: counters(
            "pg_stat_checkpointer_",
            suffix: "_total",
            [
                ("num_timed", "Checkpoints by time."),
                ("num_requested", "Checkpoints on request."),
                ("restartpoints_timed", "Restart points by time."),
                ("restartpoints_req", "Restart points on request."),
                ("restartpoints_done", "Restart points done."),
                ("write_time", "Milliseconds of writing."),
                ("sync_time", "Milliseconds of synchronising."),
                ("buffers_written", "Buffers written."),
                ("stats_reset", "When the counts were last reset, in seconds."),
            ]
        )
    ) { context in
        guard context.major >= 17 else { return nil }
        return """
            select num_timed, num_requested, restartpoints_timed, restartpoints_req,
              restartpoints_done, write_time, sync_time, buffers_written,
              extract(epoch from stats_reset) as stats_reset
            from pg_stat_checkpointer
            """
    }

    private static let replication = mapped(
        "replication",
        metrics: [
            ("is_replica", .gauge("pg_replication_is_replica", "1 on a standby.")),
            (
                "lag_seconds",
                .gauge(
                    "pg_replication_lag_seconds",
                    "Age of the last transaction replayed; 0 where all is replayed."
                )
            ),
            (
                "last_replay",
                .gauge(
                    "pg_replication_last_replay_seconds",
                    "Seconds since the last transaction was replayed."
                )
            ),
        ]
    ) { _ in
        """
        select pg_is_in_recovery() as is_replica,
          case when not pg_is_in_recovery() then 0
            when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0
            else greatest(0, extract(epoch from now() - pg_last_xact_replay_timestamp()))
          end as lag_seconds,
          coalesce(greatest(0, extract(epoch from now() - pg_last_xact_replay_timestamp())), 0)
            as last_replay
        """
    }

    private static let currentLSN = """
        case when pg_is_in_recovery() then coalesce(pg_last_wal_receive_lsn(), \
        pg_last_wal_replay_lsn()) else pg_current_wal_lsn() end
        """

    private static let statReplication = mapped(
        "stat_replication",
        labels: ["application_name", "client_addr", "state", "slot_name"],
        metrics: [
            (
                "lsn_diff",
                .gauge(
                    "pg_stat_replication_pg_wal_lsn_diff",
                    "Bytes that the standby has not replayed."
                )
            ),
            (
                "current_lsn",
                .gauge("pg_stat_replication_pg_current_wal_lsn_bytes", "The sender's position.")
            ),
        ]
    ) { _ in
        """
        select r.application_name, r.client_addr, r.state, s.slot_name,
          pg_wal_lsn_diff(\(currentLSN), r.replay_lsn) as lsn_diff,
          pg_wal_lsn_diff(\(currentLSN), '0/0') as current_lsn
        from pg_stat_replication r left join pg_replication_slots s on s.active_pid = r.pid
        """
    }

    private static let replicationSlots = mapped(
        "replication_slots",
        labels: ["slot_name", "slot_type", "database"],
        metrics: [
            ("active", .gauge("pg_replication_slots_active", "1 while a client reads.")),
            (
                "lsn_diff",
                .gauge("pg_replication_slots_pg_wal_lsn_diff", "Bytes of log kept for the slot.")
            ),
            (
                "safe_wal_size",
                .gauge(
                    "pg_replication_slots_safe_wal_size_bytes",
                    "Bytes that may be written before the slot is lost."
                )
            ),
        ]
    ) { _ in
        """
        select slot_name, slot_type, coalesce(database, '') as database, active,
          pg_wal_lsn_diff(\(currentLSN), restart_lsn) as lsn_diff, safe_wal_size
        from pg_replication_slots
        """
    }

    private static let archiver = mapped(
        "archiver",
        metrics: counters(
            "pg_stat_archiver_",
            [
                ("archived_count", "Log files archived."),
                ("failed_count", "Attempts to archive that failed."),
            ]
        ) + [
            (
                "last_archive_age",
                .gauge("pg_stat_archiver_last_archive_age", "Seconds since the last file.")
            )
        ]
    ) { _ in
        """
        select archived_count, failed_count,
          extract(epoch from now() - last_archived_time) as last_archive_age
        from pg_stat_archiver
        """
    }

    private static let wal = mapped(
        "wal",
        metrics: counters(
            "pg_stat_wal_",
            suffix: "_total",
            [
                ("records", "Records written to the log."),
                ("full_page_images", "Whole pages written to the log."),
                ("bytes", "Bytes written to the log."),
                ("buffers_full", "Times the log's buffers were full."),
            ]
        )
    ) { context in
        guard context.major >= 14 else { return nil }
        return """
            select wal_records as records, wal_fpi as full_page_images, wal_bytes as bytes,
              wal_buffers_full as buffers_full from pg_stat_wal
            """
    }

    private static let wraparound = mapped(
        "wraparound",
        labels: ["datname"],
        metrics: [
            (
                "xids",
                .gauge(
                    "pg_database_wraparound_age_datfrozenxid",
                    "Transactions since the oldest one that is not frozen."
                )
            ),
            (
                "multixacts",
                .gauge(
                    "pg_database_wraparound_age_datminmxid",
                    "Multixacts since the oldest one that is kept."
                )
            ),
        ]
    ) { _ in
        """
        select datname, age(datfrozenxid) as xids, mxid_age(datminmxid) as multixacts
        from pg_database where datallowconn
        """
    }

    private static let longRunning = mapped(
        "long_running_transactions",
        metrics: [
            (
                "transactions",
                .gauge("pg_long_running_transactions", "Transactions that are open.")
            ),
            (
                "oldest",
                .gauge(
                    "pg_long_running_transactions_oldest_timestamp_seconds",
                    "Age of the oldest open transaction, in seconds."
                )
            ),
        ]
    ) { _ in
        """
        select count(*) as transactions,
          coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0) as oldest
        from pg_stat_activity
        where state is distinct from 'idle' and xact_start is not null
          and pid <> pg_backend_pid() and backend_type = 'client backend'
        """
    }

    private static let postmaster = mapped(
        "postmaster",
        metrics: [
            (
                "start_time",
                .gauge("pg_postmaster_start_time_seconds", "When the server started.")
            )
        ]
    ) { _ in "select extract(epoch from pg_postmaster_start_time()) as start_time" }

    private static let userTables = mapped(
        "user_tables",
        isChoice: true,
        labels: ["datname", "schemaname", "relname"],
        metrics: [
            ("n_live_tup", .gauge("pg_stat_user_tables_n_live_tup", "Rows, as estimated.")),
            ("n_dead_tup", .gauge("pg_stat_user_tables_n_dead_tup", "Dead rows, as estimated.")),
            (
                "last_autovacuum",
                .gauge("pg_stat_user_tables_last_autovacuum", "Last automatic vacuum, in seconds.")
            ),
            (
                "last_autoanalyze",
                .gauge(
                    "pg_stat_user_tables_last_autoanalyze",
                    "Last automatic analyze, in seconds."
                )
            ),
        ]
            + counters(
                "pg_stat_user_tables_",
                [
                    ("seq_scan", "Sequential scans."), ("idx_scan", "Index scans."),
                    ("n_tup_ins", "Rows inserted."), ("n_tup_upd", "Rows updated."),
                    ("n_tup_del", "Rows deleted."),
                    ("n_tup_hot_upd", "Rows updated without touching an index."),
                ]
            )
    ) { context in
        """
        select current_database() as datname, schemaname, relname, seq_scan, idx_scan,
          n_tup_ins, n_tup_upd, n_tup_del, n_tup_hot_upd, n_live_tup, n_dead_tup,
          coalesce(extract(epoch from last_autovacuum), 0) as last_autovacuum,
          coalesce(extract(epoch from last_autoanalyze), 0) as last_autoanalyze
        from pg_stat_user_tables order by n_live_tup + n_dead_tup desc
        limit \(context.options.maxSeries)
        """
    }

    /// The dearest statements by their ids; the texts stay in the server.
    private static let statements = mapped(
        "statements",
        isOn: false,
        isChoice: true,
        labels: ["user", "datname", "queryid"],
        metrics: counters(
            "pg_stat_statements_",
            [
                ("calls_total", "Times it ran."), ("seconds_total", "Seconds it ran."),
                ("rows_total", "Rows it gave."),
            ]
        )
    ) { context in
        """
        select r.rolname as user, d.datname, s.queryid, sum(s.calls) as calls_total,
          sum(s.total_exec_time) / 1000 as seconds_total, sum(s.rows) as rows_total
        from pg_stat_statements(false) s
        join pg_roles r on r.oid = s.userid join pg_database d on d.oid = s.dbid
        where s.queryid is not null
        group by 1, 2, 3 order by 5 desc limit \(context.options.topStatements)
        """
    }

    private static func counters(
        _ prefix: String,
        suffix: String = "",
        _ columns: [(name: String, help: String)]
    ) -> [(column: String, metric: Metric)] {
        columns.map { ($0.name, .counter(prefix + $0.name + suffix, $0.help)) }
    }
}
