import Foundation

extension Geometry {
  /// The order that is nearest to the grid's axes.
  public var axisOrder: AxisOrder { AxisOrder(nearestTo: direction) }

  /// The largest angle between an axis of the grid and the axis of space that it stands for, in degrees; 0 for a grid along
  /// the axes of space.
  public var obliqueness: Double {
    let direction = direction
    let cosines = axisOrder.spaceAxes.enumerated().map { axis, spaceAxis in abs(direction[spaceAxis][axis]) }
    return acos(min(cosines.min() ?? 1, 1)) * 180 / .pi
  }

  /// What brings another grid's axes into the order of this one's, whatever the two are in space.
  func rearrangement(of other: Geometry) -> AxisRearrangement {
    let (own, others) = (direction, other.direction)
    let relative = (0..<3).map { row in
      (0..<3).map { column in (0..<3).reduce(0) { $0 + own[$1][row] * others[$1][column] } }
    }
    return AxisRearrangement(from: AxisOrder(nearestTo: relative), to: .canonical)
  }
}
