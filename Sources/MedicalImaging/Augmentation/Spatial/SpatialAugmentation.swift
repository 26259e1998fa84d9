/// The random changes of where a patch's voxels come from, joined in one map.
public struct SpatialAugmentation: Codable, Equatable, Sendable {
  /// In the order in which they draw. A displacement is added behind the linear maps, wherever it stands.
  public var transforms: [SpatialTransform]

  public init(_ transforms: [SpatialTransform] = []) { self.transforms = transforms }

  /// The axes, among D (0), H (1) and W (2), along which patches are mirrored at random.
  public var mirroredAxes: [Int] {
    transforms.flatMap { transform -> [Int] in
      if case .flip(let flip) = transform { return flip.axes }
      return []
    }
    .sorted()
  }

  /// Draws the map of a patch around a centre.
  ///
  /// - Parameters:
  ///   - extents: of the patch, in voxels.
  ///   - centre: in the sample, in voxels.
  ///   - spacing: mm along D, H, W, by which rotations are rigid on anisotropic grids, too.
  ///   - generator: of all that is drawn.
  public func drawnMap(
    extents: [Int], centre: SIMD3<Double>, spacing: [Double],
    using generator: inout some RandomNumberGenerator
  ) -> PatchMap {
    var linear = LinearMap(diagonal: SIMD3(spacing))
    var displacement: DisplacementField?
    for transform in transforms {
      switch transform.drawn(extents: extents, using: &generator) {
      case .linear(let map): linear = map.composed(with: linear)
      case .displacement(let field): displacement = field
      }
    }
    return PatchMap(
      extents: extents, centre: centre, map: linear.toVoxels(spacing: spacing), displacement: displacement)
  }
}
