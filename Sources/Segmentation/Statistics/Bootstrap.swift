import MedicalImaging
import SeededRandom

/// Confidence intervals by the percentile bootstrap over cases.
///
/// As many cases as there are are drawn with replacement, many times, and each time the mean is taken over those drawn in which
/// the figure can be measured; the interval holds the middle 95 % of these means. Draws depend on the number of cases alone:
/// equal figures in equal order have equal intervals, and the figures of one evaluation share their draws.
///
/// Source: Efron and Tibshirani 1993, "An Introduction to the Bootstrap", section 13.3.
public enum Bootstrap {
  /// How often cases are drawn.
  public static let resampleCount = 2000
  /// Of the means, the part that an interval holds.
  public static let confidence = 0.95

  private static let seed: UInt64 = 0

  /// The interval of a figure's mean over the cases.
  ///
  /// - Parameter figures: one for each case; nil where it cannot be measured.
  /// - Returns: nil where fewer than two cases have a value.
  public static func interval(ofMean figures: [Double?]) -> ConfidenceInterval? {
    interval(ofMeanOverClasses: [figures])
  }

  /// The interval of the mean over classes of a figure's means over the cases.
  ///
  /// - Parameter classes: for each class one figure for each case; nil where it cannot be measured.
  /// - Precondition: every class has as many cases.
  /// - Returns: nil where fewer than two cases have a value.
  public static func interval(ofMeanOverClasses classes: [[Double?]]) -> ConfidenceInterval? {
    let caseCount = classes.first?.count ?? 0
    precondition(classes.allSatisfy { $0.count == caseCount }, "figures of the same cases for every class")
    let measuredCount = (0..<caseCount).count { index in classes.contains { $0[index] != nil } }
    guard measuredCount > 1 else { return nil }
    var generator = SplitMix64(seed: seed)
    // A draw in which no case has a value has no mean.
    let means = (0..<resampleCount).compactMap { _ in
      meanOverClasses(classes, of: (0..<caseCount).map { _ in Int(generator.nextUnit() * Double(caseCount)) })
    }.sorted()
    let tail = (1 - confidence) / 2 * 100
    return ConfidenceInterval(
      lower: percentile(tail, ofSorted: means), upper: percentile(100 - tail, ofSorted: means))
  }

  private static func meanOverClasses(_ classes: [[Double?]], of drawn: [Int]) -> Double? {
    mean(classes.compactMap { figures in mean(drawn.compactMap { figures[$0] }) })
  }
}
