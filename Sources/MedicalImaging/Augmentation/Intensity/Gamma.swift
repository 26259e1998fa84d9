import Foundation

/// Bends the scale of each channel's values by a power, on the range from its least to its largest.
///
///     u = (x - least) / (largest - least);   x = u^gamma * (largest - least) + least
///
/// Inverted, the power bends the range from its other end: u = 1 - ..., and back.
///
/// Source: nnU-Net: 0.7 to 1.5, probability 0.3, and inverted with probability 0.1.
public struct RandomGamma: Augmentation, Codable, Equatable {
  /// Of each channel's exponent.
  public let exponent: RandomRange
  public let isInverted: Bool

  public init(_ exponent: RandomRange, isInverted: Bool = false) {
    self.exponent = exponent
    self.isInverted = isInverted
  }

  public init(
    probability: Double = 0.3, exponents: ClosedRange<Double> = 0.7...1.5, isInverted: Bool = false
  ) {
    precondition(exponents.lowerBound > 0)
    self.init(RandomRange(probability: probability, exponents), isInverted: isInverted)
  }

  public func augmented(_ sample: Sample, using generator: inout some RandomNumberGenerator) -> Sample {
    guard exponent.happens(using: &generator) else { return sample }
    return sample.changingChannels { values in
      let exponent = Float(self.exponent.drawn(using: &generator))
      let range = ValueRange(values)
      let span = range.largest - range.least
      guard span > 0 else { return }
      let (start, direction) = isInverted ? (range.largest, -span) : (range.least, span)
      for index in values.indices {
        let u = max(0, (values[index] - start) / direction)
        values[index] = pow(u, exponent) * direction + start
      }
    }
  }
}
