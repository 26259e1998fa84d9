/// Stretches each channel's values about their mean by a factor of its own.
///
///     (x - mean) * factor + mean
///
/// Source: nnU-Net stretches by 0.75 to 1.25 with probability 0.15 and clips to the range before; ours are the figures
/// of the accurate recipe, which does not clip.
public struct RandomContrast: Augmentation, Codable, Equatable {
  public let probability: Double
  public let minimumFactor: Double
  public let maximumFactor: Double

  public init(probability: Double = 0.15, minimumFactor: Double = 0.65, maximumFactor: Double = 1.5) {
    precondition((0...1).contains(probability) && minimumFactor > 0 && minimumFactor <= maximumFactor)
    self.probability = probability
    self.minimumFactor = minimumFactor
    self.maximumFactor = maximumFactor
  }

  public func augmented(_ sample: Sample, using generator: inout some RandomNumberGenerator) -> Sample {
    guard Double.random(in: 0..<1, using: &generator) < probability else { return sample }
    return sample.changingChannels { values in
      let factor = Float(Double.random(in: minimumFactor...maximumFactor, using: &generator))
      let mean = ValueRange(values).mean
      for index in values.indices { values[index] = (values[index] - mean) * factor + mean }
    }
  }
}
