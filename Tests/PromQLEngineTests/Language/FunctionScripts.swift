// SPDX-License-Identifier: Apache-2.0
// Nightjar

let rangeScripts = [
    LanguageScript(
        name: "counters",
        count: 17,
        text: #"""
            load 15s
              plain_total 0+15x20
              reset_total 0+15x9 0+15x10
              young_total _ _ _ _ 5+5x3
              gappy_total 0 _ 30 _ 60 _ 90 _ 120
              wrong_name 0+15x20

            # Samples at both edges but the left one itself is outside.
            eval instant at 2m increase(plain_total[1m])
              expect no_info
              {} 60

            eval instant at 2m rate(plain_total[1m])
              {} 1

            eval instant at 2m5s rate(plain_total[1m])
              {} 1

            # A reset adds what was there before.
            eval instant at 5m increase(reset_total[5m])
              {} 284.2105263

            eval instant at 3m resets(reset_total[2m])
              {} 1

            # The gap before the first sample counts half a spacing.
            eval instant at 105s increase(young_total[105s])
              {} 17.5

            # The counter is not extrapolated below zero.
            eval instant at 105s increase(young_total[60s])
              {} 20

            eval instant at 2m rate(gappy_total[2m])
              {} 1

            eval instant at 30s rate(young_total[30s])

            eval instant at 60s rate(young_total[30s])

            eval instant at 1m irate(plain_total[1m])
              {} 1

            eval instant at 2m30s irate(reset_total[20s])
              {} 0

            eval instant at 2m45s irate(reset_total[20s])
              {} 1

            eval instant at 1m rate(wrong_name[1m])
              expect info msg: PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "wrong_name" (1:6)
              {} 1

            eval instant at 1m irate(wrong_name[1m])
              expect no_info
              {} 1

            eval range from 1m to 3m step 1m increase(plain_total[1m])
              {} 60 60 60

            eval instant at 2m rate(plain_total[1m:15s])
              {} 1
            """#
    ),
    LanguageScript(
        name: "gauges",
        count: 11,
        text: #"""
            load 10s
              slope 5+2x10
              jumpy 1 1 2 NaN NaN 2 1

            eval instant at 60s delta(slope[40s])
              {} 8

            eval instant at 60s idelta(slope[40s])
              {} 2

            eval instant at 60s deriv(slope[40s])
              {} 0.2

            eval instant at 60s predict_linear(slope[40s], 100)
              {} 37

            eval instant at 60s predict_linear(slope[40s] @ 30, 100)
              {} 37

            eval instant at 60s changes(jumpy[61s])
              {} 4

            eval instant at 60s resets(jumpy[61s])
              {} 1

            eval instant at 60s double_exponential_smoothing(slope[40s], 0.5, 0.5)
              {} 17

            eval instant at 60s double_exponential_smoothing(slope[40s], 0, 0.5)
              expect fail msg: invalid smoothing factor. Expected: 0 < sf < 1, got: 0.000000

            eval instant at 60s double_exponential_smoothing(slope[40s], 0.5, 1.5)
              expect fail msg: invalid trend factor. Expected: 0 < tf < 1, got: 1.500000

            eval instant at 60s deriv(slope[10s])
            """#
    ),
    LanguageScript(
        name: "over time",
        count: 27,
        text: #"""
            load 10s
              x 4 2 8 6
              y NaN 3 1
              big 1 1e100 1 -1e100
              huge 1.5e308 1.5e308

            eval instant at 30s avg_over_time(x[1m])
              {} 5

            eval instant at 30s sum_over_time(x[1m])
              {} 20

            eval instant at 30s sum_over_time(x[20s])
              {} 14

            eval instant at 30s min_over_time(x[1m])
              {} 2

            eval instant at 30s max_over_time(x[1m])
              {} 8

            eval instant at 30s count_over_time(x[1m])
              {} 4

            eval instant at 30s last_over_time(x[1m])
              x 6

            eval instant at 30s first_over_time(x[1m])
              x 4

            eval instant at 30s present_over_time(x[1m])
              {} 1

            eval instant at 30s absent_over_time(x[1m])

            eval instant at 30s absent_over_time(x{a="b", c=~"d"}[1m])
              {a="b"} 1

            eval instant at 30s stdvar_over_time(x[1m])
              {} 5

            eval instant at 30s stddev_over_time(x[1m])
              {} 2.2360679775

            eval instant at 30s quantile_over_time(0.5, x[1m])
              {} 5

            eval instant at 30s quantile_over_time(-1, x[1m])
              expect warn msg: PromQL warning: quantile value should be between 0 and 1, got -1 (1:20)
              {} -Inf

            eval instant at 30s mad_over_time(x[1m])
              {} 2

            eval instant at 30s ts_of_min_over_time(x[1m])
              {} 10

            eval instant at 30s ts_of_max_over_time(x[1m])
              {} 20

            eval instant at 30s ts_of_first_over_time(x[1m])
              {} 0

            eval instant at 30s ts_of_last_over_time(x[1m])
              {} 30

            eval instant at 20s min_over_time(y[1m])
              {} 1

            eval instant at 20s max_over_time(y[1m])
              {} 3

            eval instant at 20s sum_over_time(y[1m])
              {} NaN

            eval instant at 20s mad_over_time(y[1m])
              {} NaN

            eval instant at 30s sum_over_time(big[1m])
              {} 2

            eval instant at 30s avg_over_time(big[1m])
              {} 0.5

            eval instant at 10s avg_over_time(huge[1m])
              {} 1.5e308
            """#
    ),
]

let mathScripts = [
    LanguageScript(
        name: "rounding and bounds",
        count: 17,
        text: #"""
            load 1m
              m{n="a"} -2.5
              m{n="b"} 2.4

            eval instant at 0 abs(m)
              {n="a"} 2.5
              {n="b"} 2.4

            eval instant at 0 ceil(m)
              {n="a"} -2
              {n="b"} 3

            eval instant at 0 floor(m)
              {n="a"} -3
              {n="b"} 2

            eval instant at 0 round(m)
              {n="a"} -2
              {n="b"} 2

            eval instant at 0 round(m, 2)
              {n="a"} -2
              {n="b"} 2

            eval instant at 0 sgn(m)
              {n="a"} -1
              {n="b"} 1

            eval instant at 0 clamp(m, -1, 1)
              {n="a"} -1
              {n="b"} 1

            eval instant at 0 clamp(m, 1, -1)

            eval instant at 0 clamp_min(m, 0)
              {n="a"} 0
              {n="b"} 2.4

            eval instant at 0 clamp_max(m, NaN)
              {n="a"} NaN
              {n="b"} NaN

            eval instant at 0 sqrt(vector(16)) + exp(vector(0)) + ln(vector(1)) + log2(vector(8)) + log10(vector(100))
              {} 10

            eval instant at 0 deg(vector(pi())) + rad(vector(180))
              {} 183.14159265359

            eval instant at 0 sin(vector(0)) + cos(vector(0)) + tan(vector(0)) + sinh(vector(0)) + cosh(vector(0)) + tanh(vector(0))
              {} 2

            eval instant at 0 asin(vector(1)) + acos(vector(1)) + atan(vector(0)) + asinh(vector(0)) + acosh(vector(1)) + atanh(vector(0))
              {} 1.5707963268

            eval instant at 0 max_of(1, min_of(3, 2))
              2

            eval instant at 0 scalar(m)
              NaN

            eval instant at 0 vector(scalar(m{n="a"}))
              {} -2.5
            """#
    ),
    LanguageScript(
        name: "time",
        count: 16,
        text: #"""
            load 10s
              t 1 2 3

            eval instant at 25s time()
              25

            eval instant at 25s timestamp(t)
              {} 20

            eval instant at 25s timestamp(t + 0)
              {} 25

            eval instant at 25s timestamp(t offset 10s)
              {} 10

            # 2024-02-29 13:45:59 UTC, a Thursday.
            eval instant at 0 year(vector(1709214359))
              {} 2024

            eval instant at 0 month(vector(1709214359))
              {} 2

            eval instant at 0 day_of_month(vector(1709214359))
              {} 29

            eval instant at 0 day_of_week(vector(1709214359))
              {} 4

            eval instant at 0 day_of_year(vector(1709214359))
              {} 60

            eval instant at 0 days_in_month(vector(1709214359))
              {} 29

            eval instant at 0 hour(vector(1709214359))
              {} 13

            eval instant at 0 minute(vector(1709214359))
              {} 45

            eval instant at 1709214359s minute()
              {} 45

            eval instant at 0 year(vector(-1))
              {} 1969

            eval range from 0 to 20s step 10s start() + 10 * end() + 100 * step() + 1000 * range()
              {} 21200 21200 21200

            eval instant at 25s start() + end() + step() + range()
              50
            """#
    ),
]
