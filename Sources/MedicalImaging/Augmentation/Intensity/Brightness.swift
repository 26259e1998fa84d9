/// Multiplies each channel's values by a factor of its own.
///
/// Source: nnU-Net (there called brightness, too), with the same range and probability 0.15; ours are the figures of
/// the accurate recipe.
public struct RandomBrightness: Augmentation, Codable, Equatable {
  public let probability: Double
  public let minimumFactor: Double
  public let maximumFactor: Double

  public init(probability: Double = 0.25, minimumFactor: Double = 0.75, maximumFactor: Double = 1.25) {
    precondition((0...1).contains(probability) && minimumFactor > 0 && minimumFactor <= maximumFactor)
    self.probability = probability
    self.minimumFactor = minimumFactor
    self.maximumFactor = maximumFactor
  }

  public func augmented(_ sample: Sample, using generator: inout some RandomNumberGenerator) -> Sample {
    guard Double.random(in: 0..<1, using: &generator) < probability else { return sample }
    return sample.changingChannels { values in
      let factor = Float(Double.random(in: minimumFactor...maximumFactor, using: &generator))
      for index in values.indices { values[index] *= factor }
    }
  }
}
