/// Multiplies each channel's values by a factor of its own.
///
/// Source: nnU-Net (there called brightness, too), with the same range and probability 0.15; ours are the figures of
/// the accurate recipe.
public struct RandomBrightness: Augmentation, Codable, Equatable {
  /// Of each channel's factor.
  public let factor: RandomRange

  public init(_ factor: RandomRange) { self.factor = factor }

  public init(probability: Double = 0.25, factors: ClosedRange<Double> = 0.75...1.25) {
    precondition(factors.lowerBound > 0)
    self.init(RandomRange(probability: probability, factors))
  }

  public func augmented(_ sample: Sample, using generator: inout some RandomNumberGenerator) -> Sample {
    guard factor.happens(using: &generator) else { return sample }
    return sample.changingChannels { values in
      let factor = Float(self.factor.drawn(using: &generator))
      for index in values.indices { values[index] *= factor }
    }
  }
}
