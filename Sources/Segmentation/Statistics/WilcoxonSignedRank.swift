import Foundation

/// Wilcoxon's signed-rank test, two-sided: how likely paired differences would be at least as far to one side if they were
/// distributed evenly around zero.
///
/// The magnitudes are ranked from 1, equal ones with the mean of their ranks, and the ranks of positive differences added up.
/// Differences of zero are left out, as Wilcoxon did. The probability is exact for up to 25 differences without ties; else it is
/// that of the normal distribution, with corrections for ties and for continuity:
///
///     z = (|W - n (n + 1) / 4| - 1 / 2) / sqrt(n (n + 1) (2 n + 1) / 24 - sum of (t^3 - t) / 48)
///
/// where W is the sum of the positive ranks, n counts the differences and t the equal magnitudes of each tie.
///
/// Source: Wilcoxon 1945, "Individual comparisons by ranking methods"; Hollander, Wolfe and Chicken 2014, "Nonparametric
/// Statistical Methods", section 3.1.
public struct WilcoxonSignedRank: Equatable, Sendable {
  /// Up to so many differences the probability is exact.
  private static let exactLimit = 25

  /// The differences that are not zero.
  public let count: Int
  /// The sum of the ranks of the positive differences.
  public let positiveRankSum: Double
  /// The sum of the ranks of the negative differences.
  public let negativeRankSum: Double
  /// Whether `probability` is exact, not of the normal distribution.
  public let isExact: Bool
  /// The two-sided p.
  public let probability: Double

  /// - Returns: nil where every difference is zero.
  public init?(_ differences: [Double]) {
    let ordered = differences.filter { $0 != 0 }.sorted { abs($0) < abs($1) }
    guard !ordered.isEmpty else { return nil }
    var (positive, negative) = (0.0, 0.0)
    var ties: [Double] = []
    var start = 0
    while start < ordered.count {
      let end = ordered[start...].firstIndex { abs($0) != abs(ordered[start]) } ?? ordered.count
      let rank = Double(start + 1 + end) / 2
      for difference in ordered[start..<end] {
        if difference > 0 { positive += rank } else { negative += rank }
      }
      ties.append(Double(end - start))
      start = end
    }
    count = ordered.count
    (positiveRankSum, negativeRankSum) = (positive, negative)
    isExact = count <= Self.exactLimit && ties.count == count
    probability =
      isExact
      ? Self.exactProbability(Int(min(positive, negative)), of: count)
      : Self.normalProbability(positive, of: Double(count), ties: ties)
  }

  /// The probability of a sum of ranks as far from the middle as this one, among all ways to choose signs.
  private static func exactProbability(_ smallerSum: Int, of count: Int) -> Double {
    var ways = [1] + [Int](repeating: 0, count: count * (count + 1) / 2)
    for rank in 1...count {
      for sum in stride(from: ways.count - 1, through: rank, by: -1) { ways[sum] += ways[sum - rank] }
    }
    let tail = ways[...smallerSum].reduce(0, +)
    return min(1, 2 * Double(tail) / Double(1 << count))
  }

  private static func normalProbability(_ positiveRankSum: Double, of count: Double, ties: [Double]) -> Double
  {
    let tieCorrection = ties.reduce(0) { $0 + ($1 * $1 * $1 - $1) } / 48
    let variance = count * (count + 1) * (2 * count + 1) / 24 - tieCorrection
    let distance = max(0, abs(positiveRankSum - count * (count + 1) / 4) - 0.5)
    return erfc(distance / (2 * variance).squareRoot())
  }
}
