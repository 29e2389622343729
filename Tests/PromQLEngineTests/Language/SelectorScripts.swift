// SPDX-License-Identifier: Apache-2.0
// Nightjar

let selectorScripts = [
    LanguageScript(
        name: "matchers, lookback, staleness",
        count: 14,
        text: #"""
            load 1m
              door{room="hall", floor="1"} 1 2 3
              door{room="attic", floor="3"} 10 20 30 stale
              {"door.open", "room.name"="hall"} 7

            eval instant at 1m door
              door{room="hall", floor="1"} 2
              door{room="attic", floor="3"} 20

            eval instant at 1m door{room="hall"}
              door{room="hall", floor="1"} 2

            eval instant at 1m door{room!="hall"}
              door{room="attic", floor="3"} 20

            eval instant at 1m door{room=~"h.*|x", floor!~"[2-9]"}
              door{room="hall", floor="1"} 2

            eval instant at 1m door{cellar=""}
              door{room="hall", floor="1"} 2
              door{room="attic", floor="3"} 20

            eval instant at 1m {"door.open"}
              {"door.open", "room.name"="hall"} 7

            eval instant at 1m {"door.open", "room.name"=~"h.ll"}
              {"door.open", "room.name"="hall"} 7

            # The sample before the marker is gone with it; the other one lives for five minutes.
            eval instant at 3m door
              door{room="hall", floor="1"} 3

            eval instant at 419s door
              door{room="hall", floor="1"} 3

            # The lookback is open on the left.
            eval instant at 7m door

            eval instant at 2m door[2m]
              expect range vector from 1m to 2m step 1m
              door{room="hall", floor="1"} 2 3
              door{room="attic", floor="3"} 20 30

            eval instant at 5m count_over_time(door[10m])
              {room="hall", floor="1"} 3
              {room="attic", floor="3"} 3

            eval range from 0 to 4m step 2m door{room="attic"}
              door{room="attic", floor="3"} 10 30 _

            eval instant at 1m {room=~".*"}
              expect fail regex:at least one non-empty matcher
            """#
    ),
    LanguageScript(
        name: "offset, @ and subqueries",
        count: 18,
        text: #"""
            load 10s
              lift 0+1x100

            eval instant at 100s lift offset 20s
              lift 8

            eval instant at 100s lift offset -20s
              lift 12

            eval instant at 100s lift @ 50
              lift 5

            eval instant at 100s lift @ 50 offset 20s
              lift 3

            eval instant at 100s lift offset 20s @ 50
              lift 3

            eval range from 100s to 200s step 50s lift @ start()
              lift 10 10 10

            eval range from 100s to 200s step 50s lift @ end() offset 10s
              lift 19 19 19

            eval instant at 100s sum_over_time(lift[30s])
              {} 27

            eval instant at 100s sum_over_time(lift[30s] offset 10s)
              {} 24

            # Points at multiples of the step within (70s, 100s].
            eval instant at 100s count_over_time(lift[30s:7s])
              {} 4

            eval instant at 100s max_over_time(lift[30s:10s] @ 60)
              {} 6

            eval instant at 100s sum_over_time(lift[1m:30s] offset 40s)
              {} 9

            eval instant at 200s max_over_time(sum_over_time(lift[20s])[40s:20s])
              {} 39

            eval instant at 200s min_over_time((lift > 15)[100s:10s])
              {} 16

            eval instant at 100s lift[20s:10s]
              expect range vector from 90s to 100s step 10s
              lift 9 10

            eval range from 0 to 20s step 10s lift[20s]
              expect fail regex:invalid expression type "range vector" for range query

            eval instant at -10s lift offset -30s
              lift 2

            eval range from 0 to 20s step 10s lift @ 20 + lift
              {} 2 3 4
            """#
    ),
    LanguageScript(
        name: "extremes",
        count: 10,
        text: #"""
            load 1m
              x 1 2 3

            eval instant at 0 x @ 9223372036854775 offset -290y

            eval instant at 0 rate(x[290y] @ -9223372036854775 offset 290y)

            eval instant at 0 increase(x[290y] @ 9223372036854775 offset -290y smoothed)

            eval instant at 0 rate(x[290y:1h] @ -9223372036854775 offset 290y)
              expect fail

            eval instant at 0 sum_over_time(x[5m:0.0001])
              expect fail msg: the step of a subquery must be a millisecond or more

            eval instant at 0 rate(x[0.0001:1m])

            eval instant at 0 count_over_time(x[100y:1ms])
              expect fail

            eval instant at 0 x offset -1e300
              expect fail

            eval instant at 0 x @ NaN
              expect fail

            eval instant at 0 topk(1e15, x)
              x 1
            """#
    ),
    LanguageScript(
        name: "lengths of time",
        count: 9,
        text: #"""
            load 10s
              lift 0+1x100

            eval instant at 100s count_over_time(lift[40])
              {} 4

            eval instant at 100s count_over_time(lift[1m - 2 * 10s])
              {} 4

            eval instant at 100s lift offset (2 * 5s + 10)
              lift 8

            eval instant at 100s lift offset -(30 / 3)
              lift 11

            eval range from 100s to 200s step 50s count_over_time(lift[step()])
              {} 5 5 5

            eval range from 100s to 200s step 50s count_over_time(lift[range() / 5])
              {} 2 2 2

            eval range from 100s to 200s step 50s lift offset min_of(step(), 20s)
              lift 8 13 18

            eval instant at 100s count_over_time(lift[max_of(10s, 2 ^ 5)])
              {} 4

            eval instant at 100s lift[step()]
              expect fail msg: duration must be greater than 0
            """#
    ),
]
