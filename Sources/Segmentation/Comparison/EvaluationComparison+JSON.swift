/// The form of a comparison's JSON.
private struct ComparisonJSON: Encodable {
  struct File: Encodable {
    var path: String
    var terms: EvaluationFile.Terms
    var casesOnlyHere: [String]

    enum CodingKeys: String, CodingKey {
      case path, terms
      case casesOnlyHere = "cases_only_here"
    }
  }

  struct Test: Encodable {
    var p: Double
    var differences: Int
    var positiveRankSum: Double
    var negativeRankSum: Double
    var method: String

    enum CodingKeys: String, CodingKey {
      case p, differences, method
      case positiveRankSum = "positive_rank_sum"
      case negativeRankSum = "negative_rank_sum"
    }
  }

  struct Moved: Encodable {
    var name: String
    var a: Double
    var b: Double
  }

  struct Gap: Encodable {
    var name: String
    var missingIn: [String]

    enum CodingKeys: String, CodingKey {
      case name
      case missingIn = "missing_in"
    }
  }

  struct Difference: Encodable {
    var pairs: Int
    var meanA: Double?
    var meanB: Double?
    var meanDifference: Double?
    var standardError: Double?
    var interval: ConfidenceInterval?
    var wilcoxon: Test?
    var movedMost: [Moved]
    var leftOut: [Gap]

    enum CodingKeys: String, CodingKey {
      case pairs, wilcoxon
      case meanA = "mean_a"
      case meanB = "mean_b"
      case meanDifference = "mean_difference"
      case standardError = "standard_error"
      case interval = "confidence_interval_95"
      case movedMost = "moved_most"
      case leftOut = "left_out"
    }
  }

  var a: File
  var b: File
  var cases: [String]
  var casesOfOtherTruth: [String]
  var classes: [String: [String: Difference]]
  var foregroundMean: [String: Difference]

  enum CodingKeys: String, CodingKey {
    case a, b, cases, classes
    case casesOfOtherTruth = "cases_of_other_truth"
    case foregroundMean = "foreground_mean"
  }
}

extension EvaluationComparison {
  /// The comparison as JSON: both files with the cases that only one has, the cases that are paired, and for each class and for
  /// the mean over the classes how each figure differs: means, the mean difference B - A with its standard error and interval,
  /// Wilcoxon's test, the ten cases that moved most, and those without a value.
  public func json() throws -> String {
    var classes: [String: [String: ComparisonJSON.Difference]] = [:]
    var foregroundMean: [String: ComparisonJSON.Difference] = [:]
    for figure in figures {
      for name in classNames {
        classes[name, default: [:]][figure.rawValue] = difference(of: figure, name).json
      }
      foregroundMean[figure.rawValue] = foregroundDifference(of: figure).json
    }
    let value = ComparisonJSON(
      a: .init(path: first.path, terms: first.terms, casesOnlyHere: casesOnlyInFirst),
      b: .init(path: second.path, terms: second.terms, casesOnlyHere: casesOnlyInSecond),
      cases: cases, casesOfOtherTruth: casesOfOtherTruth, classes: classes, foregroundMean: foregroundMean)
    return try resultJSON(value)
  }
}

extension PairedDifference {
  fileprivate var json: ComparisonJSON.Difference {
    ComparisonJSON.Difference(
      pairs: pairs.count, meanA: firstMean, meanB: secondMean, meanDifference: meanDifference,
      standardError: standardError, interval: interval,
      wilcoxon: test.map {
        .init(
          p: $0.probability, differences: $0.count, positiveRankSum: $0.positiveRankSum,
          negativeRankSum: $0.negativeRankSum, method: $0.isExact ? "exact" : "normal approximation")
      },
      movedMost: moved(atMost: 10).map { .init(name: $0.caseName, a: $0.first, b: $0.second) },
      leftOut: gaps.map {
        .init(
          name: $0.caseName,
          missingIn: ($0.isMissingInFirst ? ["a"] : []) + ($0.isMissingInSecond ? ["b"] : []))
      })
  }
}
