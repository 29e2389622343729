// SPDX-License-Identifier: Apache-2.0
// Nightjar

let operatorScripts = [
    LanguageScript(
        name: "arithmetic and comparison",
        count: 21,
        text: #"""
            load 1m
              a{k="1"} 7
              a{k="2"} -3
              b{k="1"} 2
              b{k="3"} 5

            eval instant at 0 2 ^ 3 ^ 2 - -2 ^ 2
              516

            eval instant at 0 7 % 4 + 10 atan2 0
              4.570796326794897

            eval instant at 0 -7 % 4
              -3

            eval instant at 0 1 / 0 - 0
              +Inf

            eval instant at 0 5m + 0x10 + 1_000
              1316

            eval instant at 0 1 < bool 2
              1

            eval instant at 0 1 < 2
              expect fail regex:comparisons between scalars must use BOOL modifier

            eval instant at 0 a + 1
              {k="1"} 8
              {k="2"} -2

            eval instant at 0 -a
              {k="1"} -7
              {k="2"} 3

            eval instant at 0 +a
              a{k="1"} 7
              a{k="2"} -3

            eval instant at 0 a > 0
              a{k="1"} 7

            eval instant at 0 0 > a
              a{k="2"} -3

            eval instant at 0 a > bool 0
              {k="1"} 1
              {k="2"} 0

            eval instant at 0 a + b
              {k="1"} 9

            eval instant at 0 a > b
              a{k="1"} 7

            eval instant at 0 b < bool a
              {k="1"} 1

            eval instant at 0 a == on(k) b

            eval instant at 0 a </ 5
              expect info regex: incompatible sample types .* "</": float </ float \(1:1\)

            eval instant at 0 a and b
              a{k="1"} 7

            eval instant at 0 a or b
              a{k="1"} 7
              a{k="2"} -3
              b{k="3"} 5

            eval instant at 0 a unless b
              a{k="2"} -3
            """#
    ),
    LanguageScript(
        name: "matching",
        count: 14,
        text: #"""
            load 1m
              load{host="x", cpu="0"} 10
              load{host="x", cpu="1"} 20
              load{host="y", cpu="0"} 30
              cap{host="x", rack="r1"} 100
              cap{host="z", rack="r2"} 200

            eval instant at 0 load / on(host) group_left cap
              {host="x", cpu="0"} 0.1
              {host="x", cpu="1"} 0.2

            eval instant at 0 load / on(host) group_left(rack) cap
              {host="x", cpu="0", rack="r1"} 0.1
              {host="x", cpu="1", rack="r1"} 0.2

            eval instant at 0 cap / on(host) group_right(rack) load
              {host="x", cpu="0", rack="r1"} 10
              {host="x", cpu="1", rack="r1"} 5

            eval instant at 0 sum by (host) (load) / ignoring(rack) cap
              {host="x"} 0.3

            eval instant at 0 cap > on(host) group_right load
              load{host="x", cpu="0"} 100
              load{host="x", cpu="1"} 100

            eval instant at 0 load / on(host) cap
              expect fail regex:many-to-one matching must be explicit

            eval instant at 0 cap / on(host) load
              expect fail regex:^found duplicate series for the match group \{host="x"\} on the right

            eval instant at 0 load * on() cap
              expect fail regex:found duplicate series

            eval instant at 0 load + on(host) group_left fill_right(1) cap
              {host="x", cpu="0"} 110
              {host="x", cpu="1"} 120
              {host="y", cpu="0"} 31

            eval instant at 0 load + on(host) group_left fill(1) cap
              {host="x", cpu="0"} 110
              {host="x", cpu="1"} 120
              {host="y", cpu="0"} 31
              {host="z"} 201

            eval instant at 0 max by (host) (load) - on(host) fill_left(0) max by (host) (cap)
              {host="x"} -80
              {host="z"} -200

            eval instant at 0 load unless on(host) cap
              load{host="y", cpu="0"} 30

            eval instant at 0 load and on(host) cap
              load{host="x", cpu="0"} 10
              load{host="x", cpu="1"} 20

            eval instant at 0 load or on(host) cap
              load{host="x", cpu="0"} 10
              load{host="x", cpu="1"} 20
              load{host="y", cpu="0"} 30
              cap{host="z", rack="r2"} 200
            """#
    ),
]

let aggregationScripts = [
    LanguageScript(
        name: "aggregations",
        count: 27,
        text: #"""
            load 1m
              v{g="a", i="1"} 1
              v{g="a", i="2"} 5
              v{g="b", i="1"} 3
              v{g="b", i="2"} 3
              n{i="1"} NaN
              n{i="2"} 4
              n{i="3"} -Inf

            eval instant at 0 sum by (g) (v)
              {g="a"} 6
              {g="b"} 6

            eval instant at 0 avg without (i) (v)
              {g="a"} 3
              {g="b"} 3

            eval instant at 0 min(v)
              {} 1

            eval instant at 0 max(v)
              {} 5

            eval instant at 0 count by (i,) (v)
              {i="1"} 2
              {i="2"} 2

            eval instant at 0 group by (g) (v)
              {g="a"} 1
              {g="b"} 1

            eval instant at 0 stddev by (g) (v)
              {g="a"} 2
              {g="b"} 0

            eval instant at 0 stdvar(v)
              {} 2

            eval instant at 0 min(n)
              {} -Inf

            eval instant at 0 max(n)
              {} 4

            eval instant at 0 sum(n)
              {} NaN

            eval instant at 0 quantile by (g) (0.5, v)
              {g="a"} 3
              {g="b"} 3

            eval instant at 0 quantile(1.5, v)
              expect warn msg: PromQL warning: quantile value should be between 0 and 1, got 1.5 (1:10)
              {} +Inf

            eval instant at 0 count_values("n", v)
              {n="1"} 1
              {n="3"} 2
              {n="5"} 1

            eval instant at 0 count_values by (g) ("n", v * 1e20)
              {g="a", n="100000000000000000000"} 1
              {g="a", n="500000000000000000000"} 1
              {g="b", n="300000000000000000000"} 2

            eval instant at 0 topk(2, v)
              expect ordered
              v{g="a", i="2"} 5
              v{g="b", i="1"} 3

            eval instant at 0 bottomk by (g) (1, v)
              v{g="a", i="1"} 1
              v{g="b", i="1"} 3

            eval instant at 0 topk(5, n)
              expect ordered
              n{i="2"} 4
              n{i="3"} -Inf
              n{i="1"} NaN

            eval instant at 0 topk(0, v)

            eval instant at 0 topk(NaN, v)
              expect fail msg: Parameter value is NaN

            eval instant at 0 bottomk(1e20, v)
              expect fail msg: Scalar value 1e+20 overflows int64

            eval instant at 0 count(limitk(3, v))
              {} 3

            eval instant at 0 count(limitk by (g) (1, v))
              {} 2

            eval instant at 0 count(limit_ratio(1, v))
              {} 4

            eval instant at 0 limit_ratio(0.4, v) and limit_ratio(-0.6, v)

            eval instant at 0 count(limit_ratio(0.4, v) or limit_ratio(-0.6, v))
              {} 4

            eval instant at 0 count(limit_ratio(-2, v))
              expect warn msg: PromQL warning: ratio value should be between -1 and 1, got -2, capping to -1 (1:19)
              {} 4
            """#
    )
]
