import SeededRandom

/// Adds normal noise, of one standard deviation for all voxels, drawn evenly up to a bound.
///
/// Source: nnU-Net draws the variance up to 0.1 with probability 0.1; ours are the figures of the accurate recipe.
public struct RandomGaussianNoise: Augmentation, Codable, Equatable {
  public let probability: Double
  /// In standard deviations of the normalised scan.
  public let maximumDeviation: Double

  public init(probability: Double = 0.15, maximumDeviation: Double = 0.3) {
    precondition((0...1).contains(probability) && maximumDeviation >= 0)
    self.probability = probability
    self.maximumDeviation = maximumDeviation
  }

  public func augmented(_ sample: Sample, using generator: inout some RandomNumberGenerator) -> Sample {
    guard Double.random(in: 0..<1, using: &generator) < probability else { return sample }
    let deviation = Float(Double.random(in: 0...maximumDeviation, using: &generator))
    var normal = SplitMix64(seed: generator.next())
    var result = sample
    result.image.withUnsafeMutableBufferPointer { image in
      for index in image.indices { image[index] += deviation * Float(normal.nextNormal()) }
    }
    return result
  }
}
