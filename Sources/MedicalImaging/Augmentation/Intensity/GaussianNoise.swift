import SeededRandom

/// Adds normal noise, of one standard deviation for all voxels, drawn evenly up to a bound.
///
/// Source: nnU-Net draws the variance up to 0.1 with probability 0.1; ours are the figures of the accurate recipe.
public struct RandomGaussianNoise: Augmentation, Codable, Equatable {
  /// In standard deviations of the normalised scan.
  public let deviation: RandomRange

  public init(_ deviation: RandomRange) { self.deviation = deviation }

  public init(probability: Double = 0.15, maximumDeviation: Double = 0.3) {
    self.init(RandomRange(probability: probability, 0...maximumDeviation))
  }

  public func augmented(_ sample: Sample, using generator: inout some RandomNumberGenerator) -> Sample {
    guard deviation.happens(using: &generator) else { return sample }
    let deviation = Float(self.deviation.drawn(using: &generator))
    var normal = SplitMix64(seed: generator.next())
    var result = sample
    result.image.withUnsafeMutableBufferPointer { image in
      for index in image.indices { image[index] += deviation * Float(normal.nextNormal()) }
    }
    return result
  }
}
