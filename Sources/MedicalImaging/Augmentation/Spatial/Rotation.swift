import Foundation

/// Turns a patch about each axis by an angle of its own, evenly within a bound.
///
/// Source: nnU-Net turns by up to 30 degrees with probability 0.2; ours are the figures of the accurate recipe.
public struct RandomRotation: Codable, Equatable, Sendable {
  /// In degrees, about each axis.
  public let angle: RandomRange

  public init(_ angle: RandomRange) { self.angle = angle }

  public init(probability: Double = 0.35, maximumAngle: Double = 25) {
    precondition((0...180).contains(maximumAngle))
    self.init(RandomRange(probability: probability, -maximumAngle...maximumAngle))
  }

  /// Draws a rotation of offsets in mm; the identity as often as the probability leaves.
  public func drawnMap(using generator: inout some RandomNumberGenerator) -> LinearMap {
    guard angle.happens(using: &generator) else { return .identity }
    return (0..<3).reduce(.identity) { map, axis in
      let degrees = angle.drawn(using: &generator)
      return map.composed(with: LinearMap(rotationAbout: axis, degrees: degrees))
    }
  }
}

extension LinearMap {
  /// The rotation about an axis, D (0), H (1) or W (2), that takes the next axis towards the one after.
  public init(rotationAbout axis: Int, degrees: Double) {
    let angle = degrees * .pi / 180
    let (next, last) = ((axis + 1) % 3, (axis + 2) % 3)
    var columns = LinearMap.identity.columns
    columns[next][next] = cos(angle)
    columns[next][last] = sin(angle)
    columns[last][next] = -sin(angle)
    columns[last][last] = cos(angle)
    self.init(columns: columns)
  }
}
