import Foundation

/// How one figure differs between two evaluations of the same cases.
public struct PairedDifference: Equatable, Sendable {
  /// A case with the figure in both.
  public struct Pair: Equatable, Sendable {
    public let caseName: String
    public let first: Double
    public let second: Double

    public var difference: Double { second - first }
  }

  /// A case without the figure in one of them, or in both.
  public struct Gap: Equatable, Hashable, Sendable {
    public let caseName: String
    public let isMissingInFirst: Bool
    public let isMissingInSecond: Bool
  }

  /// In the order of the cases.
  public let pairs: [Pair]
  /// The cases that are left out, in their order.
  public let gaps: [Gap]
  /// Of the mean difference, over the cases; nil for fewer than two pairs.
  public let interval: ConfidenceInterval?
  /// Nil where no case differs.
  public let test: WilcoxonSignedRank?

  /// - Parameter cases: the figure of each case in both evaluations; nil where it cannot be measured.
  public init(_ cases: [(name: String, first: Double?, second: Double?)]) {
    pairs = cases.compactMap { entry in
      guard let first = entry.first, let second = entry.second else { return nil }
      return Pair(caseName: entry.name, first: first, second: second)
    }
    gaps = cases.filter { $0.first == nil || $0.second == nil }.map {
      Gap(caseName: $0.name, isMissingInFirst: $0.first == nil, isMissingInSecond: $0.second == nil)
    }
    let differences = pairs.map(\.difference)
    interval = Bootstrap.interval(ofMean: differences)
    test = WilcoxonSignedRank(differences)
  }

  /// Means over the pairs; nil where there is none.
  public var firstMean: Double? { mean(pairs.map(\.first)) }
  public var secondMean: Double? { mean(pairs.map(\.second)) }
  public var meanDifference: Double? { mean(pairs.map(\.difference)) }

  /// Of the mean difference; nil for fewer than two pairs.
  ///
  ///     sqrt(sum of (d - mean d)^2 / (n - 1) / n)
  public var standardError: Double? {
    guard pairs.count > 1, let center = meanDifference else { return nil }
    let squares = pairs.reduce(0) { $0 + ($1.difference - center) * ($1.difference - center) }
    return (squares / Double(pairs.count - 1) / Double(pairs.count)).squareRoot()
  }

  /// The cases that differ most, up or down, the most moved first.
  public func moved(atMost count: Int) -> [Pair] {
    let moved = pairs.filter { $0.difference != 0 }
    let ordered = moved.sorted {
      (abs($1.difference), $0.caseName) < (abs($0.difference), $1.caseName)
    }
    return Array(ordered.prefix(count))
  }
}
