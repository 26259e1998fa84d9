import Foundation

/// In what two geometries differ beyond rounding; nil for what they have in common.
public struct GeometryDifference: Hashable, Sendable {
  /// mm along i, j, k of either.
  public var spacing: [[Double]]?
  /// Between the first voxels, in mm.
  public var originDistance: Double?
  /// The first voxels of either, in mm, where they lie apart.
  public var origins: [[Double]]?
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
    if distance > Self.tolerance * (spacing.min() ?? 1) {
      difference.originDistance = distance
      difference.origins = [origin, other.origin]
    }
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
  var isNone: Bool { spacing == nil && originDistance == nil && angle == nil }

  /// In a few words; nil where there is no difference.
  public var summary: String? {
    let parts = [
      spacing.map { "spacing \(rounded($0[1])) mm, not \(rounded($0[0]))" },
      angle.map { "axes turned by \(rounded([$0])) degrees" },
      origins.map { "first voxel at \(point($0[1])) mm, not \(point($0[0]))" },
    ].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  private func point(_ coordinates: [Double]) -> String {
    "(\(coordinates.map { rounded([$0]) }.joined(separator: ", ")))"
  }
}

/// Three digits after the point, joined by "x".
func rounded(_ values: [Double]) -> String {
  values.map { "\(($0 * 1000).rounded() / 1000)" }.joined(separator: "x")
}
