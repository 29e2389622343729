// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

extension PostgresPart {
    /// `pg_stat_activity_*`: sessions by all that tells them apart.
    ///
    /// States without a session show 0, as in postgres_exporter.
    static let activity = PostgresPart(
        name: "activity",
        sql: { _ in
            """
            select d.datname, s.state, a.usename, a.application_name, a.backend_type,
              a.wait_event_type, a.wait_event, count(a.pid) as sessions,
              coalesce(max(extract(epoch from now() - a.xact_start)), 0) as longest,
              \(canSeeAll) as sees_all
            from pg_database d
            cross join (values ('active'), ('idle'), ('idle in transaction'),
              ('idle in transaction (aborted)'), ('fastpath function call'), ('disabled')) s(state)
            left join pg_stat_activity a
              on a.datname = d.datname and a.state = s.state and a.pid <> pg_backend_pid()
            where d.datallowconn
            group by 1, 2, 3, 4, 5, 6, 7
            """
        },
        gather: { rows, context, families throws(PollFailure) in
            let count = Metric.gauge("pg_stat_activity_count", "Sessions in this state.")
            let longest = Metric.gauge(
                "pg_stat_activity_max_tx_duration",
                "Seconds that the longest transaction in this state has been open."
            )
            let names = [
                "datname", "state", "usename", "application_name", "backend_type",
                "wait_event_type", "wait_event",
            ]
            for row in rows where row.isChosen(by: context.options.databases) {
                guard row.number("sees_all") == 1 else { throw .blind }
                let labels = names.map { ($0, row.text($0)) }
                families.add(count, row.number("sessions") ?? 0, labels)
                families.add(longest, row.number("longest") ?? 0, labels)
            }
        }
    )

    /// The pool arithmetic: who holds how many connections of how many promised and usable.
    static let pools = PostgresPart(
        name: "pools",
        sql: { context in
            let reserve =
                context.major >= 16 ? "current_setting('reserved_connections')::int" : "0"
            return """
                select coalesce(application_name, '') as application_name,
                  coalesce(state, '') = 'idle' as is_idle, count(*) as sessions,
                  count(*) filter (where pid = pg_backend_pid()) as own,
                  current_setting('max_connections')::int as max_connections,
                  current_setting('superuser_reserved_connections')::int + \(reserve) as reserve,
                  \(canSeeAll) as sees_all
                from pg_stat_activity where backend_type = 'client backend' or pid = pg_backend_pid()
                group by 1, 2
                """
        },
        gather: { rows, context, families throws(PollFailure) in
            var arithmetic = PoolArithmetic(context.options)
            for row in rows {
                guard row.number("sees_all") == 1 else { throw .blind }
                arithmetic.maxConnections = row.number("max_connections") ?? 0
                arithmetic.serverReserve = row.number("reserve") ?? 0
                arithmetic.add(
                    sessions: row.number("sessions") ?? 0,
                    own: row.number("own") ?? 0,
                    of: row.text("application_name"),
                    isIdle: row.number("is_idle") == 1
                )
            }
            arithmetic.write(into: &families)
        }
    )

    /// Who waits for whom, and what holds back the cleaning.
    static let blocking = PostgresPart(
        name: "blocking",
        sql: { context in
            let since =
                context.major >= 14
                ? "(select min(l.waitstart) from pg_locks l where l.pid = a.pid and not l.granted)"
                : "a.query_start"
            return """
                with waiting as (
                  select a.pid, pg_blocking_pids(a.pid) as blockers, \(since) as since
                  from pg_stat_activity a where a.wait_event_type = 'Lock')
                select (select count(*) from waiting) as blocked,
                  (select count(distinct b) from waiting w, unnest(w.blockers) b
                   where b not in (select pid from waiting)) as roots,
                  (select coalesce(greatest(max(extract(epoch from clock_timestamp() - since)), 0), 0)
                   from waiting) as longest,
                  (select coalesce(max(greatest(age(backend_xmin), age(backend_xid))), 0)
                   from pg_stat_activity where pid <> pg_backend_pid()) as horizon,
                  \(canSeeAll) as sees_all
                """
        },
        gather: { rows, _, families throws(PollFailure) in
            let metrics: [(String, Metric)] = [
                ("blocked", .gauge("pg_blocked_backends", "Sessions that wait for a lock.")),
                ("roots", .gauge("pg_blocking_roots", "Sessions that block and wait for none.")),
                (
                    "longest",
                    .gauge("pg_longest_lock_wait_seconds", "The longest wait for a lock now.")
                ),
                (
                    "horizon",
                    .gauge(
                        "pg_xmin_horizon_age_transactions",
                        "Age of the oldest transaction that cleaning must respect."
                    )
                ),
            ]
            for row in rows {
                guard row.number("sees_all") == 1 else { throw .blind }
                for (column, metric) in metrics { families.add(metric, row.number(column) ?? 0) }
            }
        }
    )

    /// Whether the account sees the other accounts' sessions; without it the states are null.
    private static let canSeeAll = "pg_has_role('pg_read_all_stats', 'usage')"
}

extension PollFailure {
    fileprivate static let blind = PollFailure(
        .permission,
        "other accounts' sessions are hidden: grant pg_monitor to the account"
    )
}

/// Promised, usable and used connections of one server.
struct PoolArithmetic {
    var maxConnections = 0.0
    var serverReserve = 0.0
    private let options: PostgresOptions
    private let services: [String: String]
    private var idle: [String: Double] = [:]
    private var active: [String: Double] = [:]
    private var sessions = 0.0

    /// The service of sessions that no budget names.
    private static let other = "other"

    init(_ options: PostgresOptions) {
        self.options = options
        let names = options.pools.map { ($0.applicationName ?? $0.service, $0.service) }
        services = Dictionary(names) { first, _ in first }
    }

    /// Counts sessions of an application; our own take a connection, but belong to no service.
    mutating func add(sessions count: Double, own: Double, of application: String, isIdle: Bool) {
        sessions += count
        let service = services[application] ?? Self.other
        if isIdle {
            idle[service, default: 0] += count - own
        } else {
            active[service, default: 0] += count - own
        }
    }

    func write(into families: inout FamilySet) {
        let connections = Metric.gauge(
            "db_pool_connections",
            "Connections by service: idle, active (in a transaction too), and the budget."
        )
        let utilization = Metric.gauge("db_pool_utilization_ratio", "Active connections by budget.")
        var budgets: [String: Double] = [:]
        for pool in options.pools { budgets[pool.service, default: 0] += Double(pool.max) }
        for service in budgets.keys.sorted() + (budgets[Self.other] == nil ? [Self.other] : []) {
            let label = ("service", service)
            families.add(connections, idle[service] ?? 0, [label, ("state", "idle")])
            families.add(connections, active[service] ?? 0, [label, ("state", "active")])
            guard let budget = budgets[service] else { continue }
            families.add(connections, budget, [label, ("state", "max")])
            if budget > 0 { families.add(utilization, (active[service] ?? 0) / budget, [label]) }
        }
        let promised = budgets.values.reduce(0, +)
        let usable = maxConnections - max(Double(options.reservedConnections), serverReserve)
        families.add(.gauge("pg_connections_promised", "Sum of the budgets."), promised)
        families.add(
            .gauge("pg_connections_usable", "max_connections less what is reserved."),
            usable
        )
        families.add(
            .gauge("pg_connection_headroom", "Usable connections less open client sessions."),
            usable - sessions
        )
    }
}
