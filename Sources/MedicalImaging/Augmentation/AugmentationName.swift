/// The transforms by name, in the order in which they are applied unless a list says otherwise.
public enum AugmentationName: String, Codable, Sendable, CaseIterable {
  case flip
  case rotation
  case scaling
  case elastic
  case histogramMatching = "histogram-matching"
  case noise
  case blur
  case brightness
  case contrast
  case lowResolution = "low-resolution"
  case invertedGamma = "inverted-gamma"
  case gamma

  /// What the accurate recipe applies.
  static let ofAccurateRecipe: [AugmentationName] = [
    .flip, .rotation, .scaling, .noise, .blur, .brightness, .contrast, .gamma,
  ]

  /// The transform of this name with its own figures.
  var standard: StandardTransform {
    switch self {
    case .flip: .spatial(.flip(RandomFlip(axes: [0, 1, 2])))
    case .rotation: .spatial(.rotation(RandomRotation()))
    case .scaling: .spatial(.scaling(RandomScaling()))
    case .elastic: .spatial(.elastic(RandomElasticDeformation()))
    case .histogramMatching: .intensity(.histogramMatching(probability: 0.15))
    case .noise: .intensity(.noise(RandomGaussianNoise()))
    case .blur: .intensity(.blur(RandomMeanBlur()))
    case .brightness: .intensity(.brightness(RandomBrightness()))
    case .contrast: .intensity(.contrast(RandomContrast()))
    case .lowResolution: .intensity(.lowResolution(RandomLowResolution()))
    case .invertedGamma: .intensity(.gamma(RandomGamma(probability: 0.1, isInverted: true)))
    case .gamma: .intensity(.gamma(RandomGamma()))
    }
  }
}

/// A transform of either kind.
enum StandardTransform {
  case spatial(SpatialTransform)
  case intensity(IntensityTransform)
}

/// A transform that lists hold once.
protocol NamedTransform {
  var name: AugmentationName { get }
}
