// SPDX-License-Identifier: Apache-2.0
// Nightjar

let wordScripts = [
    LanguageScript(
        name: "names and words of the language as names",
        count: 13,
        text: #"""
            load 1m
              {"disk.reads", "mount point"="/var", "größe"="m"} 1 2
              {"disk.reads", "mount point"='/tmp'} 4 5
              sum 8
              offset 9
              start{by="x"} 10
              bool:x 13
              and 14
              fill 15
              step{range="r", fill_left="f"} 16
              {__name__="on"} 4
              {__name__="nan"} 5

            eval instant at 0 {"disk.reads"}
              {"disk.reads", "mount point"="/var", "größe"="m"} 1
              {"disk.reads", "mount point"="/tmp"} 4

            eval instant at 0 sum by ("mount point") ({"disk.reads", "größe"!~".+",})
              {"mount point"="/tmp"} 4

            eval instant at 0 sum + offset
              {} 17

            eval instant at 0 sum + on() offset
              {} 17

            eval instant at 0 sum(sum) by (sum,)
              {} 8

            eval instant at 0 sum + ignoring(by) start
              {} 18

            eval instant at 0 {on="", __name__="on"} + on() {"nan"}
              {} 9

            eval instant at 0 and and and
              and 14

            eval instant at 0 fill + fill(3) fill
              {} 30

            eval instant at 0 bool:x * 2
              {} 26

            eval instant at 0 step{range="r"} # a comment with "a quote
              step{range="r", fill_left="f"} 16

            eval instant at 0 label_replace(step, "new.label", "$1$1", "range", "(.*)")
              step{range="r", fill_left="f", "new.label"="rr"} 16

            eval instant at 0 sum by (step, range, start, anchored, fill, on, bool, offset, by, and) (sum)
              {} 8
            """#
    ),
    LanguageScript(
        name: "literals and the order of operators",
        count: 12,
        text: #"""
            eval instant at 0 "a\x41\u00e9\101\t'"
              expect string "aAéA\t'"

            eval instant at 0 'it''s'
              expect fail

            eval instant at 0 0x1F + 1_000 + .5e1 + 017 + 1h30m + 5ms
              6451.005

            eval instant at 0 0b11
              expect fail

            eval instant at 0 -1 ^ 2
              -1

            eval instant at 0 2 ^ 3 ^ 2
              512

            eval instant at 0 10 % -3 + -10 % 3 + 5.5 % 2
              1.5

            eval instant at 0 2 atan2 1 * 2
              2.214297435588181

            eval instant at 0 1 == bool 1 == bool 1
              1

            eval instant at 0 5m > bool 299
              1

            eval instant at 0 Inf - iNf
              NaN

            eval instant at 0 1 - 2 - 3 + 4 * 5 / 10
              -2
            """#
    ),
    LanguageScript(
        name: "regular expressions over lines",
        count: 7,
        text: #"""
            load 1m
              note{text="first\nsecond"} 1

            eval instant at 0 note{text=~"first.second"}
              note{text="first\nsecond"} 1

            eval instant at 0 note{text!~"first.*"}

            eval instant at 0 note{text=~"(?-s)first.second"}

            eval instant at 0 note{text=~"(?i)FIRST.*|other"}
              note{text="first\nsecond"} 1

            eval instant at 0 note{text=~"first"}

            eval instant at 0 label_replace(note, "b", "<$1>", "text", "first(.)second")
              note{text="first\nsecond", b="<\n>"} 1

            eval instant at 0 label_replace(note, "b", "x", "text", "second")
              note{text="first\nsecond"} 1
            """#
    ),
    LanguageScript(
        name: "lengths of time with arithmetic",
        count: 17,
        text: #"""
            load 1s
              ticks_total 0+1x100

            eval range from 50s to 60s step 10s count_over_time(ticks_total[1 + range()])
              {} 11 11

            eval range from 50s to 60s step 5s count_over_time(ticks_total[step() * 2:step()])
              {} 2 2 2

            eval range from 50s to 60s step 5s count_over_time(ticks_total[-min_of(-step(), 1s)])
              {} 5 5 5

            eval range from 50s to 60s step 5s ticks_total offset -range()
              ticks_total 60 65 70

            eval range from 50s to 60s step 5s ticks_total offset -max_of(3s, min_of(step(), 1s))
              ticks_total 53 58 63

            # What stands behind the offset's operand belongs to the expression.
            eval range from 50s to 60s step 5s ticks_total offset step() + 1
              {} 46 51 56

            eval range from 50s to 60s step 5s ticks_total offset -step() ^ 0
              {} 1 1 1

            eval range from 50s to 60s step 5s count_over_time(ticks_total[5s:1s] offset (step() / 5))
              {} 5 5 5

            eval range from 50s to 60s step 5s count_over_time(ticks_total[step() - 5s])
              expect fail

            eval range from 50s to 60s step 5s count_over_time(ticks_total[step() / 0])
              expect fail msg: division by zero

            eval range from 50s to 60s step 5s count_over_time(ticks_total[5s / (step() - 5s)])
              expect fail

            eval instant at 50s count_over_time(ticks_total[2 ^ 3 % 3s])
              {} 2

            eval instant at 50s count_over_time(ticks_total[-2s])
              expect fail msg: duration must be greater than 0

            eval instant at 50s count_over_time(ticks_total[step()])
              expect fail

            eval instant at 50s count_over_time(ticks_total[max_of(step(), 5s)])
              {} 5

            eval instant at 50s ticks_total offset 1e20
              expect fail msg: duration out of range

            eval instant at 50s ticks_total offset (30 - 1m)
              ticks_total 80
            """#
    ),
    LanguageScript(
        name: "a share of the series by XXH64 of their labels",
        count: 5,
        text: #"""
            # By another implementation the shares are 0.1331, 0.0749, 0.2466, 0.0491, 0.3330 and 0.9343;
            # of the long ones, which fill whole lanes of the hash, 0.4253, 0.6305, 0.1432 and 0.7651.
            load 1m
              served_total{job="a"} 1
              served_total{job="b"} 2
              served_total{job="c"} 3
              served_total{job="d"} 4
              served_total{job="e"} 5
              served_total{job="f"} 6
              http_request_duration_seconds_count{handler="/api/v1/orders", method="POST", zone="eu-west-1a"} 1
              http_request_duration_seconds_count{handler="/api/v1/orders", method="POST", zone="eu-west-1b"} 2
              http_request_duration_seconds_count{handler="/api/v1/orders", method="POST", zone="us-east-2c"} 3
              http_request_duration_seconds_count{handler="/api/v1/orders", method="POST", zone="ap-south-1"} 4

            eval instant at 0 limit_ratio(0.1, served_total)
              served_total{job="b"} 2
              served_total{job="d"} 4

            eval instant at 0 limit_ratio(0.14, served_total)
              served_total{job="a"} 1
              served_total{job="b"} 2
              served_total{job="d"} 4

            eval instant at 0 limit_ratio(-0.1, served_total)
              served_total{job="f"} 6

            eval instant at 0 count(limit_ratio(0.3, served_total) or limit_ratio(-0.7, served_total))
              {} 6

            eval instant at 0 sum by (zone) (limit_ratio(0.63, http_request_duration_seconds_count))
              {zone="eu-west-1a"} 1
              {zone="us-east-2c"} 3
            """#
    ),
    LanguageScript(
        name: "series that match more than once",
        count: 5,
        text: #"""
            load 1m
              many{job="a", i="1"} 1 1 1
              one{job="b", i="2"} _ 1 1
              one{job="b", i="1"} _ 1 1
              one{job="a", i="9"} _ _ 1
              one{job="a", i="10"} 1 1 1

            eval range from 0 to 0 step 1m many + on(job) one
              {job="a"} 2

            # The first of all steps counts, whichever group it is in, and the pair is told in order.
            eval range from 0 to 2m step 1m many + on(job) one
              expect fail msg: found duplicate series for the match group {job="b"} on the right hand-side of the operation: [{__name__="one", i="1", job="b"}, {__name__="one", i="2", job="b"}];many-to-many matching not allowed: matching labels must be unique on one side

            eval instant at 2m one{job="a"} * ignoring(i) group_right() many
              expect fail msg: found duplicate series for the match group {job="a"} on the left hand-side of the operation: [{__name__="one", i="10", job="a"}, {__name__="one", i="9", job="a"}];many-to-many matching not allowed: matching labels must be unique on one side

            # Nothing on the other side, nothing to complain of; a filled one is something.
            eval instant at 2m nothing + on(job) one

            eval instant at 2m nothing + on(job) fill_left(0) one
              expect fail
            """#
    ),
    LanguageScript(
        name: "anchored and smoothed edges",
        count: 10,
        text: #"""
            load 1m
              level{id="up"} 12 0 100 4
              level{id="long"} 0 0 100 0 0 10 -2
              rare 2 _ 1 _ _ _ _ _ 0
              young _ 5+1x4

            # Left of the first minute and right of the last sample.
            eval instant at 5m30s delta(level[5m] smoothed)
              {id="up"} -2
              {id="long"} 4

            eval instant at 3m changes(level[1m] anchored)
              {id="up"} 1
              {id="long"} 1

            # No sample inside: nothing changes because nothing is known.
            eval instant at 3m changes(rare[1m] anchored)

            # The sample before lies just outside the lookback.
            eval instant at 8m changes(rare[1m] anchored)
              {} 0

            eval instant at 8m changes(rare[2m] anchored)
              {} 1

            eval instant at 90s young smoothed
              young 5.5

            eval instant at 30s young smoothed

            eval instant at 9m young smoothed
              young 9

            eval range from 1m to 3m step 30s level{id="up"} smoothed offset 30s * 1
              {id="up"} 6 0 50 100 52

            eval instant at 90s level @ 90 smoothed
              level{id="up"} 50
              level{id="long"} 50
            """#
    ),
]
