/// A random change of where a patch's voxels come from.
public enum SpatialTransform: Codable, Equatable, Sendable {
  case flip(RandomFlip)
  case rotation(RandomRotation)
  case scaling(RandomScaling)
  case elastic(RandomElasticDeformation)
}

extension SpatialTransform: NamedTransform {
  public var name: AugmentationName {
    switch self {
    case .flip: .flip
    case .rotation: .rotation
    case .scaling: .scaling
    case .elastic: .elastic
    }
  }
}

/// What a spatial transform draws for one patch.
enum DrawnTransform {
  /// Of offsets in mm.
  case linear(LinearMap)
  /// Of the patch's voxels; nil where none happens.
  case displacement(DisplacementField?)
}

extension SpatialTransform {
  /// - Parameter extents: of the patch, in voxels.
  func drawn(extents: [Int], using generator: inout some RandomNumberGenerator) -> DrawnTransform {
    switch self {
    case .flip(let flip): .linear(flip.drawnMap(using: &generator))
    case .rotation(let rotation): .linear(rotation.drawnMap(using: &generator))
    case .scaling(let scaling): .linear(scaling.drawnMap(using: &generator))
    case .elastic(let elastic): .displacement(elastic.drawnField(extents: extents, using: &generator))
    }
  }
}
