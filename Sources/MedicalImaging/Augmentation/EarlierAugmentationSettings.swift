/// Augmentation as it was saved before it became a list: an optional property for each transform.
struct EarlierAugmentationSettings: Decodable {
  private let spatial: Spatial
  private let histogramMatchingProbability: Double?
  private let noise: Deviation?
  private let blur: RandomMeanBlur?
  private let brightness: Factors?
  private let contrast: Factors?
  private let lowResolution: LeastFactor?
  private let invertedGamma: Exponents?
  private let gamma: Exponents?

  private struct Spatial: Decodable {
    let flip: RandomFlip?
    let rotation: Angle?
    let scaling: Factors?
    let elasticDeformation: RandomElasticDeformation?
  }

  private struct Angle: Decodable { let probability, maximumAngle: Double }
  private struct Deviation: Decodable { let probability, maximumDeviation: Double }
  private struct LeastFactor: Decodable { let probability, minimumFactor: Double }
  private struct Factors: Decodable { let probability, minimumFactor, maximumFactor: Double }
  private struct Exponents: Decodable { let probability, minimumExponent, maximumExponent: Double }

  /// The same transforms as lists.
  ///
  /// - Throws: `DecodingError` for figures that no version wrote.
  func settings() throws -> AugmentationSettings {
    let spatials: [SpatialTransform?] = [
      spatial.flip.map { .flip($0) },
      try spatial.rotation.map {
        .rotation(RandomRotation(try range($0.probability, -$0.maximumAngle, $0.maximumAngle)))
      },
      try spatial.scaling.map { .scaling(RandomScaling(try factors($0))) },
      spatial.elasticDeformation.map { .elastic($0) },
    ]
    let intensities: [IntensityTransform?] = [
      histogramMatchingProbability.map { .histogramMatching(probability: $0) },
      try noise.map { .noise(RandomGaussianNoise(try range($0.probability, 0, $0.maximumDeviation))) },
      blur.map { .blur($0) },
      try brightness.map { .brightness(RandomBrightness(try factors($0))) },
      try contrast.map { .contrast(RandomContrast(try factors($0))) },
      try lowResolution.map {
        .lowResolution(RandomLowResolution(try range($0.probability, $0.minimumFactor, 1)))
      },
      try invertedGamma.map { .gamma(RandomGamma(try exponents($0), isInverted: true)) },
      try gamma.map { .gamma(RandomGamma(try exponents($0))) },
    ]
    return AugmentationSettings(
      spatial: SpatialAugmentation(spatials.compactMap { $0 }), intensities: intensities.compactMap { $0 })
  }

  private func factors(_ saved: Factors) throws -> RandomRange {
    try range(saved.probability, saved.minimumFactor, saved.maximumFactor)
  }

  private func exponents(_ saved: Exponents) throws -> RandomRange {
    try range(saved.probability, saved.minimumExponent, saved.maximumExponent)
  }

  private func range(_ probability: Double, _ least: Double, _ largest: Double) throws -> RandomRange {
    guard (0...1).contains(probability), least <= largest, least.isFinite, largest.isFinite else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: [], debugDescription: "an augmentation of impossible figures"))
    }
    return RandomRange(probability: probability, least...largest)
  }
}
