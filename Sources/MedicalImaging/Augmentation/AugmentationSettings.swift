/// Which transforms a training applies to its patches, in their order: one spatial map, then the intensities.
///
/// The elastic deformation, the low resolution, the inverted gamma and the histogram matching are off unless asked for.
public struct AugmentationSettings: Codable, Equatable, Sendable {
  public var spatial: SpatialAugmentation
  public var histogramMatchingProbability: Double?
  public var noise: RandomGaussianNoise?
  public var blur: RandomMeanBlur?
  public var brightness: RandomBrightness?
  public var contrast: RandomContrast?
  public var lowResolution: RandomLowResolution?
  public var invertedGamma: RandomGamma?
  public var gamma: RandomGamma?

  /// No transform at all.
  public init() { spatial = SpatialAugmentation() }

  /// The accurate recipe's.
  public static var accurate: AugmentationSettings {
    var settings = AugmentationSettings()
    for transform in AugmentationName.ofAccurateRecipe { settings.turnOn(transform) }
    return settings
  }

  /// The transforms of a case's intensities, in their order.
  ///
  /// - Parameters:
  ///   - quantiles: of the training cases, for histogram matching.
  ///   - caseIndex: of the case among them.
  public func intensityTransforms(quantiles: [[[Float]]], caseIndex: Int) -> [any Augmentation] {
    let matching = histogramMatchingProbability.map {
      RandomHistogramMatching(probability: $0, quantiles: quantiles, caseIndex: caseIndex)
    }
    let transforms: [(any Augmentation)?] = [
      matching, noise, blur, brightness, contrast, lowResolution, invertedGamma, gamma,
    ]
    return transforms.compactMap { $0 }
  }
}

/// The transforms by name.
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
}

extension AugmentationSettings {
  /// The transforms that are on, in their order.
  public var names: [AugmentationName] {
    AugmentationName.allCases.filter { name in
      var without = self
      without.turnOff(name)
      return without != self
    }
  }

  /// Adds a transform with its own figures.
  public mutating func turnOn(_ name: AugmentationName) {
    switch name {
    case .flip: spatial.flip = RandomFlip(axes: [0, 1, 2])
    case .rotation: spatial.rotation = RandomRotation()
    case .scaling: spatial.scaling = RandomScaling()
    case .elastic: spatial.elasticDeformation = RandomElasticDeformation()
    case .histogramMatching: histogramMatchingProbability = 0.15
    case .noise: noise = RandomGaussianNoise()
    case .blur: blur = RandomMeanBlur()
    case .brightness: brightness = RandomBrightness()
    case .contrast: contrast = RandomContrast()
    case .lowResolution: lowResolution = RandomLowResolution()
    case .invertedGamma: invertedGamma = RandomGamma(probability: 0.1, isInverted: true)
    case .gamma: gamma = RandomGamma()
    }
  }

  /// Takes a transform out.
  public mutating func turnOff(_ name: AugmentationName) {
    switch name {
    case .flip: spatial.flip = nil
    case .rotation: spatial.rotation = nil
    case .scaling: spatial.scaling = nil
    case .elastic: spatial.elasticDeformation = nil
    case .histogramMatching: histogramMatchingProbability = nil
    case .noise: noise = nil
    case .blur: blur = nil
    case .brightness: brightness = nil
    case .contrast: contrast = nil
    case .lowResolution: lowResolution = nil
    case .invertedGamma: invertedGamma = nil
    case .gamma: gamma = nil
    }
  }
}
