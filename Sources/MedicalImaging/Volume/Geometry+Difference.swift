import Foundation

/// In what two geometries differ beyond rounding; nil for what they have in common.
public struct GeometryDifference: Equatable, Sendable {
  /// mm along i, j, k of either.
  public var spacing: [[Double]]?
  /// Between the first voxels, in mm.
  public var originDistance: Double?
  /// The largest angle between axes, in degrees.
  public var angle: Double?
}

extension Geometry {
  /// Geometry counts as equal within this part of a voxel's edge (spacing, origin)...
  private static let tolerance = 1e-2
  /// ... and within this angle in degrees (direction).
  private static let angleTolerance = 0.1

  /// Returns in what another geometry differs from this one.
  public func difference(from other: Geometry) -> GeometryDifference {
    var difference = GeometryDifference()
    if zip(spacing, other.spacing).contains(where: { abs($0 - $1) > Self.tolerance * $0 }) {
      difference.spacing = [spacing, other.spacing]
    }
    let distance = zip(origin, other.origin).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    if distance > Self.tolerance * (spacing.min() ?? 1) { difference.originDistance = distance }
    let (own, others) = (direction, other.direction)
    let degrees =
      (0..<3).map { axis in
        let cosine = (0..<3).reduce(0) { $0 + own[$1][axis] * others[$1][axis] }
        return acos(min(max(cosine, -1), 1)) * 180 / .pi
      }.max() ?? 0
    if degrees > Self.angleTolerance { difference.angle = degrees }
    return difference
  }
}

extension GeometryDifference {
  /// In a few words; nil where there is no difference.
  public var summary: String? {
    if let spacing {
      return "spacing \(rounded(spacing[1])) mm, not \(rounded(spacing[0]))"
    }
    if let originDistance { return "first voxel \(rounded([originDistance])) mm away" }
    if let angle { return "axes turned by \(rounded([angle])) degrees" }
    return nil
  }
}

/// Three digits after the point, joined by "x".
func rounded(_ values: [Double]) -> String {
  values.map { "\(($0 * 1000).rounded() / 1000)" }.joined(separator: "x")
}
