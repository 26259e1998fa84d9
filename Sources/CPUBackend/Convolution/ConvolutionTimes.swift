/// What each algorithm takes for one layer, measured on a few small grids, from which its time on any grid follows.
package struct ConvolutionTimes: Equatable, CustomStringConvertible {
  /// A measurement: the units of work of the busiest thread, and the time.
  package struct Point: Equatable {
    package let units: Int
    package let seconds: Double

    package init(units: Int, seconds: Double) { (self.units, self.seconds) = (units, seconds) }
  }

  /// By rising units.
  package private(set) var points: [ConvolutionAlgorithm: [Point]] = [:]
  /// What bringing the weights into an algorithm's order takes, whatever the grid.
  package private(set) var weightSeconds: [ConvolutionAlgorithm: Double] = [:]

  package init() {}

  /// Adds a measurement on a grid that is larger than those before.
  package mutating func append(_ point: Point, of algorithm: ConvolutionAlgorithm) {
    points[algorithm, default: []].append(point)
  }

  /// Adds a measurement of the weights; the shortest counts.
  package mutating func append(weightSeconds seconds: Double, of algorithm: ConvolutionAlgorithm) {
    weightSeconds[algorithm] = min(weightSeconds[algorithm] ?? .infinity, seconds)
  }

  /// The time of an algorithm, that of the weights apart: straight lines between the measurements, in proportion below the
  /// first, and beyond the last along the line from the first to the last; nil where it was not measured.
  package func seconds(of algorithm: ConvolutionAlgorithm, units: Int) -> Double? {
    guard let points = points[algorithm], let first = points.first, let last = points.last else { return nil }
    let origin = Point(units: 0, seconds: 0)
    if units <= first.units { return Self.line(from: origin, to: first, at: units) }
    if units >= last.units { return Self.line(from: points.count > 1 ? first : origin, to: last, at: units) }
    let (low, high) = zip(points, points.dropFirst()).first { units <= $1.units }!
    return Self.line(from: low, to: high, at: units)
  }

  private static func line(from low: Point, to high: Point, at units: Int) -> Double {
    guard high.units > low.units else { return high.seconds }
    let share = Double(units - low.units) / Double(high.units - low.units)
    return low.seconds + share * (high.seconds - low.seconds)
  }

  // MARK: Text

  /// "direct: 1024 0.0001, 8192 0.0008; winograd 4x4x4: 1 0.0001, 8 0.0002 + 1e-05", the last that of the weights. Seconds
  /// come back as the same bits.
  package var description: String {
    ConvolutionAlgorithm.all.compactMap { algorithm in
      points[algorithm].map { points in
        "\(algorithm): " + points.map { "\($0.units) \($0.seconds)" }.joined(separator: ", ")
          + (weightSeconds[algorithm].map { " + \($0)" } ?? "")
      }
    }.joined(separator: "; ")
  }

  /// The times of a description; nil where it is none.
  package init?(description: String) {
    for text in description.split(separator: ";") {
      let parts = text.split(separator: ":")
      let name = parts[0].drop { $0 == " " }
      guard parts.count == 2, let algorithm = ConvolutionAlgorithm(description: String(name)) else {
        return nil
      }
      let sum = parts[1].split(separator: "+", omittingEmptySubsequences: false)
      if sum.count > 1 {
        guard sum.count == 2, let seconds = Double(sum[1].drop { $0 == " " }), seconds >= 0 else {
          return nil
        }
        append(weightSeconds: seconds, of: algorithm)
      }
      for point in sum[0].split(separator: ",") {
        let numbers = point.split(separator: " ")
        guard numbers.count == 2, let units = Int(numbers[0]), let seconds = Double(numbers[1]),
          units > points[algorithm]?.last?.units ?? -1, seconds >= 0
        else { return nil }
        append(Point(units: units, seconds: seconds), of: algorithm)
      }
    }
    guard !points.isEmpty else { return nil }
  }
}
