/// The random changes of where a patch's voxels come from, joined in one map.
public struct SpatialAugmentation: Codable, Equatable, Sendable {
  /// Each may be missing.
  public var flip: RandomFlip?
  public var rotation: RandomRotation?
  public var scaling: RandomScaling?
  public var elasticDeformation: RandomElasticDeformation?

  public init(
    flip: RandomFlip? = nil, rotation: RandomRotation? = nil, scaling: RandomScaling? = nil,
    elasticDeformation: RandomElasticDeformation? = nil
  ) {
    self.flip = flip
    self.rotation = rotation
    self.scaling = scaling
    self.elasticDeformation = elasticDeformation
  }

  /// Draws the map of a patch around a centre.
  ///
  /// - Parameters:
  ///   - extents: of the patch, in voxels.
  ///   - centre: in the sample, in voxels.
  ///   - spacing: mm along D, H, W, by which rotations are rigid on anisotropic grids, too.
  public func drawnMap(
    extents: [Int], centre: SIMD3<Double>, spacing: [Double],
    using generator: inout some RandomNumberGenerator
  ) -> PatchMap {
    let millimetres = SIMD3(spacing[0], spacing[1], spacing[2])
    var map = LinearMap(diagonal: millimetres)
    if let flip {
      var signs = SIMD3<Double>(repeating: 1)
      for axis in flip.drawnAxes(using: &generator) { signs[axis] = -1 }
      map = LinearMap(diagonal: signs).composed(with: map)
    }
    if let rotation { map = rotation.drawnMap(using: &generator).composed(with: map) }
    if let scaling { map = scaling.drawnMap(using: &generator).composed(with: map) }
    map = LinearMap(columns: map.columns.map { $0 / millimetres })
    return PatchMap(
      extents: extents, centre: centre, map: map,
      displacement: elasticDeformation?.drawnField(extents: extents, using: &generator))
  }
}
