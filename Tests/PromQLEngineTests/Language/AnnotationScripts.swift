// SPDX-License-Identifier: Apache-2.0
// Nightjar

let annotationScripts = [
    LanguageScript(
        name: "places and words of annotations",
        count: 14,
        text: #"""
            load 1m
              served_total 0+10x10
              level 1 5 3 8 2 9
              late_bucket{le="0.1"} 0+2x10
              late_bucket{le="1"} 0+1x10
              late_bucket{le="10"} 0+5x10
              late_bucket{le="+Inf"} 0+8x10
              phi 0 2 -1 0.5 NaN
              odd{le="x"} 1
              odd 1

            eval instant at 5m sum(increase(level[5m]) + rate(served_total[5m])) > bool 0
              expect info msg: PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "level" (1:14)
              expect no_warn
              {} 1

            # The name is still known behind a subquery, and not asked of the last two samples.
            eval instant at 5m rate(level[5m:1m]) > bool 0
              expect info msg: PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "level" (1:6)
              {} 1

            eval instant at 5m irate(level[5m]) > bool 0
              expect no_info
              {} 1

            eval instant at 5m rate(nothing[5m])
              expect no_info

            eval instant at 5m rate(level[30s])
              expect no_info

            eval instant at 5m quantile_over_time(2, level[5m])
              expect warn msg: PromQL warning: quantile value should be between 0 and 1, got 2 (1:20)
              {} +Inf

            # Of all steps the extremes are told.
            eval range from 0 to 3m step 1m quantile(scalar(phi), level)
              expect warn msg: PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)
              expect warn msg: PromQL warning: quantile value should be between 0 and 1, got -1 (1:10)
              {} 1 +Inf -Inf 8

            eval range from 0 to 4m step 1m quantile(scalar(phi), level)
              expect warn msg: PromQL warning: quantile value should be between 0 and 1, got NaN (1:10)
              {} 1 +Inf -Inf 8 NaN

            eval range from 1m to 10m step 1m histogram_quantile(0.5, late_bucket) > bool 0
              expect info msg: PromQL info: input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile) for metric name "late_bucket", from buckets 1 to 1, with a max diff of 10, over 10 samples from 1970-01-01T00:01:00Z to 1970-01-01T00:10:00Z (1:25)
              {} 1x9

            eval range from 0 to 0 step 1m histogram_quantile(0.5, odd)
              expect warn msg: PromQL warning: bucket label "le" is missing or has a malformed value of "" for metric name "odd" (1:25)
              expect warn msg: PromQL warning: bucket label "le" is missing or has a malformed value of "x" for metric name "odd" (1:25)

            eval instant at 0 limit_ratio(1.5, served_total)
              expect warn msg: PromQL warning: ratio value should be between -1 and 1, got 1.5, capping to 1 (1:13)
              served_total 0

            # Where nothing can be chosen, a parameter is not complained of.
            eval instant at 0 topk(-9223372036854775809, served_total)

            eval instant at 0 topk(9223372036854775809, served_total)
              expect fail msg: Scalar value 9.223372036854776e+18 overflows int64

            eval range from 0 to 4m step 1m limitk(scalar(phi), served_total)
              expect fail msg: Parameter value is NaN
            """#
    ),
    LanguageScript(
        name: "histograms of two names",
        count: 2,
        text: #"""
            load 1m
              a_bucket{le="1"} 1
              a_bucket{le="+Inf"} 2
              b_bucket{le="1"} 2
              b_bucket{le="+Inf"} 2

            # They are not mixed, but their quantiles collide.
            eval instant at 0 histogram_quantile(0.5, {__name__=~"._bucket"})
              expect fail msg: vector cannot contain metrics with the same labelset

            eval instant at 0 histogram_quantile(0.5, a_bucket)
              {} 1
            """#
    ),
]
