// SPDX-License-Identifier: Apache-2.0
// Nightjar

let experimentalScripts = [
    LanguageScript(
        name: "anchored and smoothed",
        count: 12,
        text: #"""
            load 10s
              c_total 0+10x6 5+10x6
              g 0 10 _ _ 40 30

            # From the sample at 0s, which is before the range, to the one at 30s.
            eval instant at 35s increase(c_total[30s] anchored)
              {} 30

            eval instant at 35s increase(c_total[30s] smoothed)
              {} 30

            eval instant at 35s rate(c_total[30s] smoothed)
              {} 1

            # At 65s the counter restarted from 60 towards 5.
            eval instant at 80s increase(c_total[30s] anchored)
              {} 25

            eval instant at 80s resets(c_total[30s] anchored)
              {} 1

            eval instant at 50s changes(g[30s] anchored)
              {} 2

            eval instant at 50s delta(g[30s] anchored)
              {} 20

            eval instant at 50s delta(g[30s] smoothed)
              {} 10

            eval instant at 25s g smoothed
              g 25

            eval instant at 70s g smoothed
              g 30

            eval instant at 15s max_over_time(g[10s] anchored)
              expect fail regex:anchored modifier can only be used with

            eval instant at 15s resets(g[10s] smoothed)
              expect fail regex:smoothed modifier can only be used with
            """#
    ),
    LanguageScript(
        name: "info",
        count: 9,
        text: #"""
            load 1m
              req{instance="i", job="j", own="1"} 5 6 7
              req{instance="other", job="j"} 1 1 1
              target_info{instance="i", job="j", version="1", own="2"} 1 1 stale
              target_info{instance="i", job="j", version="2"} _ _ 1
              build_info{instance="i", job="j", commit="abc"} 1 1 1
              bad_info{instance="i", job="j", commit="def"} 1 1 1

            eval range from 0 to 2m step 1m info(req)
              req{instance="i", job="j", own="1", version="1"} 5 6 _
              req{instance="i", job="j", own="1", version="2"} _ _ 7
              req{instance="other", job="j"} 1 1 1

            eval instant at 0 info(req, {version=~".+"})
              req{instance="i", job="j", own="1", version="1"} 5

            eval instant at 0 info(req, {version="9"})

            eval instant at 0 info(req, {__name__="build_info"})
              req{instance="i", job="j", own="1", commit="abc"} 5
              req{instance="other", job="j"} 1

            eval instant at 0 info(req{instance="i"}, {__name__=~"(target|build)_info"})
              req{instance="i", job="j", own="1", version="1", commit="abc"} 5

            eval instant at 0 info(req, {__name__=~"(bad|build)_info"})
              expect fail msg: conflicting label: commit

            eval instant at 0 info(build_info, {__name__="build_info"})
              build_info{instance="i", job="j", commit="abc"} 1

            eval instant at 0 info(rate(req{instance="i"}[5m] @ 120))
              expect info
              {instance="i", job="j", own="1", version="2"} 0.0083333333

            eval instant at 0 info(vector(1))
              {} 1
            """#
    ),
    LanguageScript(
        name: "start times",
        count: 8,
        text: #"""
            load 1m
              born_total@st   _ _ -30s-1mx2
              born_total      _ _ 10+10x2
              delta_total@st  -1mx4
              delta_total     6x4
              once_total@st   _ _ -20s
              once_total      _ _ 4
              clash_total@st  _ -1m -90s
              clash_total     _ 5 6

            # Born at 90s with zero; nothing is extrapolated before that.
            eval instant at 4m increase(born_total[4m])
              {} 30

            eval instant at 4m rate(delta_total[3m])
              {} 0.1

            eval instant at 4m resets(delta_total[3m])
              {} 2

            eval instant at 4m irate(delta_total[3m])
              {} 0.1

            eval instant at 2m increase(once_total[1m])
              {} 4

            eval instant at 2m rate(clash_total[5m])
              expect warn msg: PromQL warning: sample has start time that overlaps with previous sample timestamp for metric "clash_total" (1:6)
              {} 0.02

            eval instant at 3m start_timestamp(born_total)
              {} 90

            eval instant at 4m increase(delta_total[3m:1m])
              {} 0
            """#
    ),
    LanguageScript(
        name: "type and unit",
        count: 4,
        text: #"""
            load 1m
              u{__type__="gauge", __unit__="bytes", x="1"} 3
              u{__type__="gauge", __unit__="bits", x="2"} 4

            eval instant at 0 u + 0
              {x="1"} 3
              {x="2"} 4

            eval instant at 0 u{__unit__="bits"}
              u{__type__="gauge", __unit__="bits", x="2"} 4

            eval instant at 0 max without (x) (u)
              {} 4

            eval instant at 0 u + on(__type__) group_left u{x="2"}
              {x="1"} 7
              {x="2"} 8
            """#
    ),
]
