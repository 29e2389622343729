// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PromQLSyntax
internal import Samples

/// One command of a test script.
enum ScriptCommand {
    /// Forget all samples.
    case clear
    /// Add series whose values are `interval` milliseconds apart, from the epoch on.
    case load(interval: Int64, [LoadedSeries], withHistograms: Bool)
    /// Evaluate and compare.
    case evaluate(ScriptEvaluation)
}

/// A series to load.
struct LoadedSeries {
    var labels: LabelSet
    var values: [SeriesDescription.Value]
    /// When each sample's counter started, in milliseconds less the sample's time.
    var startOffsets: [Int64?] = []
}

/// An evaluation with everything that is expected of it.
struct ScriptEvaluation {
    /// When an expression is evaluated.
    enum Moment {
        case instant(Int64)
        case range(from: Int64, through: Int64, step: Int64)
    }

    /// A message that an error or an annotation must have.
    enum Pattern {
        case any
        case message(String)
        case expression(RegularExpression)

        func matches(_ text: String) -> Bool {
            switch self {
            case .any: true
            case .message(let wanted): text == wanted
            case .expression(let expression): expression.groups(in: text, anchored: false) != nil
            }
        }
    }

    /// What must come out.
    enum Expected {
        case scalar(Double)
        case string(String)
        /// Series of an instant vector, or of a matrix at steps.
        case series([SeriesDescription])
    }

    var line: Int
    var moment: Moment
    var text: String
    var failure: [Pattern] = []
    var warnings: [Pattern] = []
    var infos: [Pattern] = []
    var allowsWarnings = true
    var allowsInfos = true
    var isOrdered = false
    var expected = Expected.series([])
    /// The steps of the series of a range vector, where that is the expected value.
    var rangeVector: Steps?

    /// Whether a native histogram is expected to come out.
    var expectsHistograms: Bool {
        guard case .series(let series) = expected else { return false }
        return series.contains { $0.values.contains(.histogram) }
    }
}

/// Why a script could not be read.
struct ScriptError: Error {
    var line: Int
    var message: String
}
