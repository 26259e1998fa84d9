/// Stretches each channel's values about their mean by a factor of its own.
///
///     (x - mean) * factor + mean
///
/// Source: nnU-Net stretches by 0.75 to 1.25 with probability 0.15 and clips to the range before; ours are the figures
/// of the accurate recipe, which does not clip.
public struct RandomContrast: Augmentation, Codable, Equatable {
  /// Of each channel's factor.
  public let factor: RandomRange

  public init(_ factor: RandomRange) { self.factor = factor }

  public init(probability: Double = 0.15, factors: ClosedRange<Double> = 0.65...1.5) {
    precondition(factors.lowerBound > 0)
    self.init(RandomRange(probability: probability, factors))
  }

  public func augmented(_ sample: Sample, using generator: inout some RandomNumberGenerator) -> Sample {
    guard factor.happens(using: &generator) else { return sample }
    return sample.changingChannels { values in
      let factor = Float(self.factor.drawn(using: &generator))
      let mean = ValueRange(values).mean
      for index in values.indices { values[index] = (values[index] - mean) * factor + mean }
    }
  }
}
