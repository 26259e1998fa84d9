/// A random change of a patch's values.
public enum IntensityTransform: Codable, Equatable, Sendable {
  /// Matches values to those of another training case.
  case histogramMatching(probability: Double)
  case noise(RandomGaussianNoise)
  case blur(RandomMeanBlur)
  case brightness(RandomBrightness)
  case contrast(RandomContrast)
  case lowResolution(RandomLowResolution)
  /// Inverted or not: two names.
  case gamma(RandomGamma)
}

extension IntensityTransform: NamedTransform {
  public var name: AugmentationName {
    switch self {
    case .histogramMatching: .histogramMatching
    case .noise: .noise
    case .blur: .blur
    case .brightness: .brightness
    case .contrast: .contrast
    case .lowResolution: .lowResolution
    case .gamma(let gamma): gamma.isInverted ? .invertedGamma : .gamma
    }
  }

  /// What changes the samples of a case.
  ///
  /// - Parameters:
  ///   - quantiles: of the training cases, for histogram matching.
  ///   - caseIndex: of the case among them.
  func augmentation(quantiles: [[[Float]]], caseIndex: Int) -> any Augmentation {
    switch self {
    case .histogramMatching(let probability):
      RandomHistogramMatching(probability: probability, quantiles: quantiles, caseIndex: caseIndex)
    case .noise(let noise): noise
    case .blur(let blur): blur
    case .brightness(let brightness): brightness
    case .contrast(let contrast): contrast
    case .lowResolution(let lowResolution): lowResolution
    case .gamma(let gamma): gamma
    }
  }
}
