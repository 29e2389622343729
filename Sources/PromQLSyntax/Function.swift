// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// The functions of PromQL, all 90 of Prometheus 3.14.
///
/// Source: Prometheus, promql/parser/functions.go.
public enum Function: String, Sendable, Hashable, CaseIterable {
    /// The absolute value.
    case abs
    /// 1 where the vector is empty.
    case absent
    /// 1 where the range vector is empty.
    case absentOverTime = "absent_over_time"
    /// The inverse cosine in radians.
    case acos
    /// The inverse hyperbolic cosine.
    case acosh
    /// The inverse sine in radians.
    case asin
    /// The inverse hyperbolic sine.
    case asinh
    /// The inverse tangent in radians.
    case atan
    /// The inverse hyperbolic tangent.
    case atanh
    /// The mean over the range.
    case avgOverTime = "avg_over_time"
    /// The next whole number above.
    case ceil
    /// How often the value changed.
    case changes
    /// The value kept between two bounds.
    case clamp
    /// The value kept below a bound.
    case clampMax = "clamp_max"
    /// The value kept above a bound.
    case clampMin = "clamp_min"
    /// The cosine of radians.
    case cos
    /// The hyperbolic cosine.
    case cosh
    /// The number of samples.
    case countOverTime = "count_over_time"
    /// The day of the month, from 1.
    case dayOfMonth = "day_of_month"
    /// The day of the week, from 0 for Sunday.
    case dayOfWeek = "day_of_week"
    /// The day of the year, from 1.
    case dayOfYear = "day_of_year"
    /// The number of days of the month.
    case daysInMonth = "days_in_month"
    /// Radians as degrees.
    case deg
    /// The gauge's difference over the range.
    case delta
    /// The slope by linear regression, a second.
    case deriv
    /// The value smoothed with its trend.
    case doubleExponentialSmoothing = "double_exponential_smoothing"
    /// The end of the query's range in seconds.
    case end
    /// The exponential function.
    case exp
    /// The first sample.
    case firstOverTime = "first_over_time"
    /// The next whole number below.
    case floor
    /// The mean of a native histogram.
    case histogramAvg = "histogram_avg"
    /// The observations of a native histogram.
    case histogramCount = "histogram_count"
    /// The share of observations between two values.
    case histogramFraction = "histogram_fraction"
    /// The quantile of a histogram.
    case histogramQuantile = "histogram_quantile"
    /// Several quantiles of a histogram.
    case histogramQuantiles = "histogram_quantiles"
    /// The deviation of a native histogram.
    case histogramStddev = "histogram_stddev"
    /// The variance of a native histogram.
    case histogramStdvar = "histogram_stdvar"
    /// The sum of a native histogram.
    case histogramSum = "histogram_sum"
    /// The hour.
    case hour
    /// The difference of the last two samples.
    case idelta
    /// The counter's growth over the range.
    case increase
    /// Labels added from info series.
    case info
    /// The growth a second of the last two samples.
    case irate
    /// A label set to others, joined.
    case labelJoin = "label_join"
    /// A label set from another by a regular expression.
    case labelReplace = "label_replace"
    /// The last sample.
    case lastOverTime = "last_over_time"
    /// The natural logarithm.
    case ln
    /// The decimal logarithm.
    case log10
    /// The binary logarithm.
    case log2
    /// The median absolute deviation.
    case madOverTime = "mad_over_time"
    /// The greater of two scalars.
    case maxOf = "max_of"
    /// The greatest value.
    case maxOverTime = "max_over_time"
    /// The lesser of two scalars.
    case minOf = "min_of"
    /// The least value.
    case minOverTime = "min_over_time"
    /// The minute.
    case minute
    /// The month, from 1.
    case month
    /// The number pi.
    case pi
    /// The value expected some seconds from now.
    case predictLinear = "predict_linear"
    /// 1 where there is a sample.
    case presentOverTime = "present_over_time"
    /// The quantile of the values.
    case quantileOverTime = "quantile_over_time"
    /// Degrees as radians.
    case rad
    /// The length of the query's range in seconds.
    case range
    /// The counter's growth a second.
    case rate
    /// How often the counter fell.
    case resets
    /// The nearest multiple of a number.
    case round
    /// The value of a vector's only series.
    case scalar
    /// The sign as -1, 0 or 1.
    case sgn
    /// The sine of radians.
    case sin
    /// The hyperbolic sine.
    case sinh
    /// Sorted by value, ascending.
    case sort
    /// Sorted by labels, ascending.
    case sortByLabel = "sort_by_label"
    /// Sorted by labels, descending.
    case sortByLabelDesc = "sort_by_label_desc"
    /// Sorted by value, descending.
    case sortDesc = "sort_desc"
    /// The square root.
    case sqrt
    /// The start of the query's range in seconds.
    case start
    /// The time at which the counter started.
    case startTimestamp = "start_timestamp"
    /// The standard deviation.
    case stddevOverTime = "stddev_over_time"
    /// The variance.
    case stdvarOverTime = "stdvar_over_time"
    /// The step of the query in seconds.
    case step
    /// The sum.
    case sumOverTime = "sum_over_time"
    /// The tangent of radians.
    case tan
    /// The hyperbolic tangent.
    case tanh
    /// The time of evaluation in seconds.
    case time
    /// The time of the sample in seconds.
    case timestamp
    /// The time of the first sample.
    case tsOfFirstOverTime = "ts_of_first_over_time"
    /// The time of the last sample.
    case tsOfLastOverTime = "ts_of_last_over_time"
    /// The time of the last greatest value.
    case tsOfMaxOverTime = "ts_of_max_over_time"
    /// The time of the last least value.
    case tsOfMinOverTime = "ts_of_min_over_time"
    /// A scalar as a series without labels.
    case vector
    /// The year.
    case year
}
