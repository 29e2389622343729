// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

extension PostgresPart {
    /// `pg_settings_*`: every number and switch of the server, in bytes and seconds.
    static let settings = PostgresPart(
        name: "settings",
        sql: { _ in
            """
            select name, setting, coalesce(unit, '') as unit, short_desc, vartype
            from pg_settings where vartype in ('bool', 'integer', 'real')
            """
        },
        gather: { rows, _, families throws(PollFailure) in
            for row in rows {
                guard let value = row.number("setting") else { continue }
                let unit = SettingUnit(row.text("unit"))
                let name = row.text("name").utf8.map { byte in
                    (48...57).contains(byte) || (65...90).contains(byte)
                        || (97...122).contains(byte) ? byte : UInt8(ascii: "_")
                }
                let metric = Metric.gauge(
                    "pg_settings_" + String(decoding: name, as: UTF8.self) + unit.suffix,
                    row.text("short_desc")
                )
                // -1 is a word ("off", "as elsewhere") and not an amount.
                families.add(metric, value == -1 ? value : value * unit.factor)
            }
        }
    )

    /// `pg_locks_*`: locks by mode, with those that are waited for apart.
    static let locks = PostgresPart(
        name: "locks",
        sql: { _ in
            """
            select d.datname, m.mode, count(l.mode) as locks,
              count(l.mode) filter (where not l.granted) as waiting
            from pg_database d
            cross join (values ('AccessShareLock'), ('RowShareLock'), ('RowExclusiveLock'),
              ('ShareUpdateExclusiveLock'), ('ShareLock'), ('ShareRowExclusiveLock'),
              ('ExclusiveLock'), ('AccessExclusiveLock'), ('SIReadLock')) m(mode)
            left join pg_locks l on l.database = d.oid and l.mode = m.mode
              and l.pid is distinct from pg_backend_pid()
            where d.datallowconn
            group by 1, 2
            """
        },
        gather: { rows, context, families throws(PollFailure) in
            let all = Metric.gauge("pg_locks_count", "Locks, held or waited for.")
            let waiting = Metric.gauge("pg_locks_waiting_count", "Locks that are waited for.")
            for row in rows where row.isChosen(by: context.options.databases) {
                // The exporter's labels are in lower case.
                let mode = row.text("mode").lowercased()
                let labels = [("datname", row.text("datname")), ("mode", mode)]
                families.add(all, row.number("locks") ?? 0, labels)
                families.add(waiting, row.number("waiting") ?? 0, labels)
            }
        }
    )
}

/// What a setting counts in, such as `8kB` or `min`.
struct SettingUnit {
    let factor: Double
    let suffix: String

    /// Reads a number, which may be missing, and a unit; without a known one there is no suffix.
    init(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let count = Double(digits) ?? 1
        let units: [Substring: (Double, String)] = [
            "B": (1, "_bytes"), "kB": (1_024, "_bytes"), "MB": (1_048_576, "_bytes"),
            "GB": (1_073_741_824, "_bytes"), "TB": (1_099_511_627_776, "_bytes"),
            "us": (1e-6, "_seconds"), "ms": (1e-3, "_seconds"), "s": (1, "_seconds"),
            "min": (60, "_seconds"), "h": (3_600, "_seconds"), "d": (86_400, "_seconds"),
        ]
        let unit = units[text.dropFirst(digits.count)]
        factor = count * (unit?.0 ?? 1)
        suffix = unit?.1 ?? ""
    }
}
