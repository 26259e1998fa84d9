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
