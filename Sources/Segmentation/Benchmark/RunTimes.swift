/// What a thing took each time that it ran.
public struct RunTimes: Sendable {
  /// Ascending; at least one.
  public let seconds: [Double]

  init(_ seconds: [Double]) {
    precondition(!seconds.isEmpty)
    self.seconds = seconds.sorted()
  }

  public var mean: Double { seconds.reduce(0, +) / Double(seconds.count) }

  /// The time that p per cent of the runs stay under, by the nearest rank.
  public func percentile(_ p: Double) -> Double {
    let rank = Int((p / 100 * Double(seconds.count)).rounded(.up))
    return seconds[min(max(rank, 1), seconds.count) - 1]
  }
}
