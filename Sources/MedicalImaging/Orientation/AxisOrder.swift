/// Which of the 48 orders a grid has: along which axis of space each of i, j and k lies, and which way it runs.
///
/// Its description has a letter for each, the direction in which it grows: "RAS", or "PSR" for a grid whose i runs to the
/// back, j upwards and k to the right.
public struct AxisOrder: Hashable, Sendable, CustomStringConvertible {
  /// For i, j, k the axis of space: 0 from left to right, 1 from back to front, 2 from bottom to top.
  let spaceAxes: [Int]
  /// For i, j, k whether it runs the other way.
  let isReversed: [Bool]

  /// RAS: i runs to the right, j to the front, k upwards.
  public static let canonical = AxisOrder(spaceAxes: [0, 1, 2], isReversed: [false, false, false])

  /// The 48 orders, the canonical one first.
  public static let all: [AxisOrder] = pairings.flatMap { spaceAxes in
    (0..<8).map { bits in
      AxisOrder(spaceAxes: spaceAxes, isReversed: (0..<3).map { bits >> $0 & 1 == 1 })
    }
  }

  /// The ways to pair i, j, k with the axes of space.
  private static let pairings = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]

  public var description: String { String((0..<3).map { ends(ofAxis: $0).high }) }

  /// The directions of space, R or L, A or P, S or I, at the two ends of i, j or k.
  public func ends(ofAxis axis: Int) -> (low: Character, high: Character) {
    let (negative, positive): (Character, Character) = [("L", "R"), ("P", "A"), ("I", "S")][spaceAxes[axis]]
    return isReversed[axis] ? (positive, negative) : (negative, positive)
  }
}

extension AxisOrder {
  /// The order nearest to some axes: of the 48 matrices with a single 1 or -1 in each row and column the one at the least
  /// distance (Frobenius norm). All six pairings are looked at, so that any axes have an order, however oblique. Where two
  /// are equally near to a millionth, the axes decide and not the order in which they come.
  ///
  /// - Parameter directions: unit vectors along i, j, k as the columns of a 3x3 matrix, rows first.
  init(nearestTo directions: [[Double]]) {
    let orders = Self.pairings.map { spaceAxes in
      AxisOrder(
        spaceAxes: spaceAxes, isReversed: spaceAxes.enumerated().map { directions[$1][$0] < 0 })
    }
    let best = orders.max {
      $0.nearness(to: directions).lexicographicallyPrecedes($1.nearness(to: directions))
    }
    self = best ?? .canonical
  }

  /// How near the order is to some axes, then figures of the axes in the canonical order, all in millionths.
  private func nearness(to directions: [[Double]]) -> [Double] {
    var ordered = [[Double]](repeating: [0, 0, 0], count: 3)
    for (axis, spaceAxis) in spaceAxes.enumerated() {
      for row in 0..<3 {
        ordered[row][spaceAxis] = isReversed[axis] ? -directions[row][axis] : directions[row][axis]
      }
    }
    return [ordered[0][0] + ordered[1][1] + ordered[2][2], ordered[1][0], ordered[2][0], ordered[2][1]].map {
      ($0 * 1e6).rounded()
    }
  }
}
