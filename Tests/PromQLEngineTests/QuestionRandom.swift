// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Random questions, the same for the same seed.
struct QuestionRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64, by Steele, Lea and Flood.
    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    private mutating func pick(_ choices: [String]) -> String { choices[below(choices.count)] }

    private mutating func has(_ percent: Int) -> Bool { below(100) < percent }

    /// An expression whose value is an instant vector.
    mutating func vector(depth: Int) -> String {
        if depth <= 0 { return selector() + (has(20) ? " smoothed" : "") + modifiers() }
        switch below(8) {
        case 0: return selector() + (has(20) ? " smoothed" : "") + modifiers()
        case 1, 2: return overTime(depth)
        case 3: return aggregation(depth)
        case 4, 5: return binary(depth)
        default: return call(depth)
        }
    }

    private mutating func selector() -> String {
        let name = pick(["c_total", "g", "lim", "m", "s_bucket", "target_info"])
        let matcher = pick(["job=\"a\"", "job=~\"a|b\"", "i!=\"1\"", "i=~\".+\"", "owner!=\"oa\""])
        return has(30) ? "\(name){\(matcher)}" : name
    }

    private mutating func modifiers() -> String {
        let offset = pick([" offset 1m", " offset -30s", " offset (10s * 3)", " offset -(7s)"])
        return (has(20) ? offset : "") + (has(10) ? " @ \(below(900))" : "")
    }

    private mutating func length() -> String {
        pick(["30s", "1m", "2m", "37s", "1m + 5s", "2 * 30s", "max_of(1m, 37s)"])
    }

    private mutating func overTime(_ depth: Int) -> String {
        let function = pick([
            "rate", "increase", "delta", "changes", "resets", "irate", "deriv", "sum_over_time",
            "avg_over_time", "max_over_time", "last_over_time", "first_over_time", "mad_over_time",
            "stddev_over_time", "absent_over_time", "present_over_time", "ts_of_min_over_time",
            "ts_of_last_over_time", "quantile_over_time",
        ])
        let first = function == "quantile_over_time" ? scalar(depth - 1) + ", " : ""
        if has(25) {
            let step = pick(["15s", "20s", "7s", ""])
            return
                "\(function)(\(first)(\(vector(depth: depth - 1)))[\(length()):\(step)]\(modifiers()))"
        }
        var ending = ""
        switch function {
        case "rate", "increase", "delta": ending = pick(["", "", " anchored", " smoothed"])
        case "changes", "resets": ending = pick(["", " anchored"])
        default: break
        }
        return "\(function)(\(first)\(selector())[\(length())]\(ending)\(modifiers()))"
    }

    private mutating func aggregation(_ depth: Int) -> String {
        let operation = pick([
            "sum", "avg", "min", "max", "count", "group", "stdvar", "topk", "bottomk", "quantile",
            "limitk", "limit_ratio", "count_values",
        ])
        let parameter: String
        switch operation {
        // The order of equal values would differ.
        case "topk", "bottomk": return "count(\(operation)(\(scalar(depth - 1)) * 0 + 2, m))"
        case "quantile": parameter = scalar(depth - 1) + ", "
        case "limitk": parameter = "scalar(count(g)) % 4, "
        case "limit_ratio": parameter = pick(["0.5, ", "-0.3, ", "scalar(count(g)) / 10, "])
        case "count_values": parameter = "\"v\", "
        default: parameter = ""
        }
        let grouping = pick(["", " by (job) ", " without (i) ", " by (__name__) ", " without () "])
        return "\(operation)\(grouping)(\(parameter)\(vector(depth: depth - 1)))"
    }

    private mutating func binary(_ depth: Int) -> String {
        let (left, right) = (vector(depth: depth - 1), vector(depth: depth - 1))
        if has(25) {
            let operation = pick(["and", "or", "unless"])
            return "(\(left)) \(operation) \(pick(["", "on (job) ", "ignoring (i) "]))(\(right))"
        }
        let operation = pick(["+", "-", "*", "/", "%", "^", "atan2", "==", "<=", "> bool", "!="])
        if has(25) { return "(\(left)) \(operation) \(scalar(depth - 1))" }
        var matching = pick(["", "on (job)", "ignoring (i)", "on ()", "ignoring (owner, instance)"])
        if !matching.isEmpty, has(50) {
            matching += pick([" group_left ()", " group_right ()", " group_left (owner)"])
        }
        let fill = pick(["", "", " fill (0)", " fill_left (1)", " fill_right (2)", " fill (NaN)"])
        return "(\(left)) \(operation) \(matching)\(fill) (\(right))"
    }

    private mutating func call(_ depth: Int) -> String {
        let inner = vector(depth: depth - 1)
        switch below(10) {
        case 0: return "info(\(inner))"
        case 1: return "info(\(inner), {ver=~\"\(pick([".*", "1", ".+"]))\"})"
        case 2: return "clamp(\(inner), \(scalar(depth - 1)), 3)"
        case 3:
            let target = pick(["new", "job", "__name__"])
            return "label_replace(\(inner), \"\(target)\", \"$1x\", \"job\", \"(.*)\")"
        case 4: return "histogram_quantile(\(scalar(depth - 1)), s_bucket)"
        case 5: return "histogram_fraction(0, \(scalar(depth - 1)), s_bucket)"
        case 6: return "timestamp(\(inner))"
        case 7: return "absent(\(inner))"
        case 8: return "vector(max_of(\(scalar(depth - 1)), \(scalar(depth - 1))))"
        default: return "-(\(inner))"
        }
    }

    private mutating func scalar(_ depth: Int) -> String {
        if depth > 0, has(40) { return "scalar(\(vector(depth: depth - 1)))" }
        return has(10) ? "time()" : pick(["1", "0.5", "2", "-1", "NaN", "0"])
    }
}
