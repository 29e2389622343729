// SPDX-License-Identifier: Apache-2.0
// Nightjar

let labelScripts = [
    LanguageScript(
        name: "labels",
        count: 24,
        text: #"""
            load 1m
              r{path="/a/7", code="200"} 1
              r{path="/b/12", code="404"} 2
              s{v="1.10"} 1
              s{v="1.9"} 2
              s{v="1.9b"} 3

            eval instant at 0 label_replace(r, "id", "$1", "path", "/./(\\d+)")
              r{path="/a/7", code="200", id="7"} 1
              r{path="/b/12", code="404", id="12"} 2

            eval instant at 0 label_replace(r, "id", "${id}-${what}", "path", "/(?P<what>.)/(?P<id>.*)")
              r{path="/a/7", code="200", id="7-a"} 1
              r{path="/b/12", code="404", id="12-b"} 2

            eval instant at 0 label_replace(r, "id", "$1x$$$9", "path", "/(a)/.*")
              r{path="/a/7", code="200", id="$"} 1
              r{path="/b/12", code="404"} 2

            eval instant at 0 label_replace(r, "id", "new", "path", "/a/")
              r{path="/a/7", code="200"} 1
              r{path="/b/12", code="404"} 2

            eval instant at 0 label_replace(r, "code", "", "code", ".*")
              r{path="/a/7"} 1
              r{path="/b/12"} 2

            eval instant at 0 label_replace(r, "__name__", "q", "path", "/a.*")
              q{path="/a/7", code="200"} 1
              r{path="/b/12", code="404"} 2

            eval instant at 0 label_replace(abs(r), "__name__", "q", "", "")
              q{path="/a/7", code="200"} 1
              q{path="/b/12", code="404"} 2

            eval instant at 0 label_replace(r, "x", "", "path", "(")
              expect fail msg: invalid regular expression in label_replace(): (

            eval instant at 0 label_replace(label_replace(r, "path", "", "", ""), "code", "", "", "")
              expect fail msg: vector cannot contain metrics with the same labelset

            eval instant at 0 label_join(r, "both", "|", "path", "none", "code")
              r{path="/a/7", code="200", both="/a/7||200"} 1
              r{path="/b/12", code="404", both="/b/12||404"} 2

            eval instant at 0 count_values("a\xc5z", r)
              expect fail msg: invalid label name "a\xc5z"

            eval instant at 0 label_replace(r, "\xff", "", "path", ".*")
              expect fail regex:invalid destination label name in label_replace

            eval instant at 0 r{code="\xff"}

            eval instant at 0 label_join(r, "code", "")
              r{path="/a/7"} 1
              r{path="/b/12"} 2

            eval instant at 0 sort_by_label(s, "v")
              expect ordered
              s{v="1.9"} 2
              s{v="1.9b"} 3
              s{v="1.10"} 1

            eval instant at 0 sort_by_label_desc(s, "v")
              expect ordered
              s{v="1.10"} 1
              s{v="1.9b"} 3
              s{v="1.9"} 2

            eval instant at 0 sort(s)
              expect ordered
              s{v="1.10"} 1
              s{v="1.9"} 2
              s{v="1.9b"} 3

            eval instant at 0 sort_desc(s)
              expect ordered
              s{v="1.9b"} 3
              s{v="1.9"} 2
              s{v="1.10"} 1

            eval range from 0 to 1m step 1m sort_desc(s{v="1.9"})
              expect warn msg: PromQL warning: sort is ineffective for range queries since results are always ordered by labels (1:1)
              s{v="1.9"} 2 2

            eval instant at 0 absent(nope{a="1", b!="2", c="3", c="4"})
              {a="1"} 1

            eval instant at 0 absent(r)

            eval instant at 0 absent(sum(nope))
              {} 1

            eval instant at 0 count by (__name__) ({__name__=~"r|s"})
              r 2
              s 3

            eval instant at 0 sort(r) + on() group_left vector(1)
              {path="/a/7", code="200"} 2
              {path="/b/12", code="404"} 3
            """#
    )
]

/// Names that go at the end of a query only keep series apart until then.
let delayedScripts = [
    LanguageScript(
        name: "delayed removal of names",
        count: 5,
        text: #"""
            load 1m
              one_total 0 60 120
              two_total 0 120 240

            eval instant at 2m sum(rate({__name__=~".+_total"}[2m]))
              {} 3

            eval instant at 2m abs({__name__=~".+_total"})
              expect fail msg: vector cannot contain metrics with the same labelset

            eval instant at 2m sum by (__name__) (abs({__name__=~".+_total"}))
              expect fail msg: vector cannot contain metrics with the same labelset

            eval instant at 2m label_replace(abs({__name__=~".+_total"}), "was", "$1", "__name__", "(.+)_total")
              {was="one"} 120
              {was="two"} 240

            eval instant at 2m last_over_time(one_total[2m])
              one_total 120
            """#
    )
]

let histogramScripts = [
    LanguageScript(
        name: "classic histograms",
        count: 17,
        text: #"""
            load 1m
              h_bucket{le="1"} 4
              h_bucket{le="2"} 8
              h_bucket{le="4"} 8
              h_bucket{le="+Inf"} 10
              neg_bucket{le="-2"} 1
              neg_bucket{le="0"} 3
              neg_bucket{le="+Inf"} 3
              bad_bucket{le="1"} 5
              bad_bucket{le="2"} 3
              bad_bucket{le="+Inf"} 6
              none_bucket{le="1"} 0
              none_bucket{le="+Inf"} 0
              open_bucket{le="1"} 1
              plain 5

            eval instant at 0 histogram_quantile(0.5, h_bucket)
              {} 1.25

            eval instant at 0 histogram_quantile(0.2, h_bucket)
              {} 0.5

            eval instant at 0 histogram_quantile(0.95, h_bucket)
              {} 4

            eval instant at 0 histogram_quantile(0.5, neg_bucket)
              {} -1.5

            eval instant at 0 histogram_quantile(0.1, neg_bucket)
              {} -2

            eval instant at 0 histogram_quantile(1.1, h_bucket)
              expect warn
              {} +Inf

            eval instant at 0 histogram_quantile(NaN, h_bucket)
              expect warn
              {} NaN

            eval instant at 0 histogram_quantile(0.9, bad_bucket)
              expect info regex: needed to be fixed for monotonicity .* \(1:25\)
              {} 2

            eval instant at 0 histogram_quantile(0.5, none_bucket)
              {} NaN

            eval instant at 0 histogram_quantile(0.5, open_bucket)
              {} NaN

            eval instant at 0 histogram_quantile(0.5, plain)
              expect warn msg: PromQL warning: bucket label "le" is missing or has a malformed value of "" for metric name "plain" (1:25)

            eval instant at 0 histogram_fraction(0.5, 1.5, h_bucket)
              {} 0.4

            eval instant at 0 histogram_fraction(0, 1, h_bucket)
              {} 0.4

            eval instant at 0 histogram_fraction(-Inf, -1, neg_bucket)
              {} 0.6666666667

            eval instant at 0 histogram_fraction(3, +Inf, h_bucket)
              {} 0.2

            eval instant at 0 histogram_quantiles(h_bucket, "q", 0.5, 1)
              {q="0.5"} 1.25
              {q="1.0"} 4

            eval instant at 0 histogram_sum(h_bucket) or histogram_count(h_bucket) or histogram_avg(h_bucket) or histogram_stddev(h_bucket) or histogram_stdvar(h_bucket)
            """#
    )
]
