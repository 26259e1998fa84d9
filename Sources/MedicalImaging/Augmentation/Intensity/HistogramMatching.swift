/// Gives each channel of a training case the distribution of values of another one, drawn at random.
///
/// A value at some quantile of the whole case, of which the sample may be a patch, becomes the other case's value at that
/// quantile, interpolated linearly.
///
/// Source: Milletari et al. 2016, section 4.
public struct RandomHistogramMatching: Augmentation {
  public let probability: Double
  /// For each training case and channel its values at evenly spaced quantiles, ascending.
  public let quantiles: [[[Float]]]
  /// The case among them that samples are from.
  public let caseIndex: Int

  /// - Precondition: `caseIndex` is one of the cases.
  public init(probability: Double = 0.15, quantiles: [[[Float]]], caseIndex: Int) {
    precondition((0...1).contains(probability) && quantiles.indices.contains(caseIndex))
    self.probability = probability
    self.quantiles = quantiles
    self.caseIndex = caseIndex
  }

  /// The values of each channel of a sample at evenly spaced quantiles, from the least to the largest.
  public static func quantiles(of sample: Sample, count: Int = 65) -> [[Float]] {
    precondition(count >= 2)
    return (0..<sample.channelCount).map { channel in
      let values = stride(from: channel, to: sample.image.count, by: sample.channelCount)
        .map { sample.image[$0] }.sorted()
      return (0..<count).map { values[$0 * (values.count - 1) / (count - 1)] }
    }
  }

  public func augmented(_ sample: Sample, using generator: inout some RandomNumberGenerator) -> Sample {
    guard quantiles.count > 1, generator.happens(probability) else {
      return sample
    }
    let drawn = Int.random(in: 0..<quantiles.count - 1, using: &generator)
    let (own, reference) = (quantiles[caseIndex], quantiles[drawn < caseIndex ? drawn : drawn + 1])
    var channel = 0
    return sample.changingChannels { values in
      for index in values.indices {
        values[index] = Self.mapped(values[index], own[channel], reference[channel])
      }
      channel += 1
    }
  }

  /// The piecewise linear function that takes the ascending `from` to `to`.
  private static func mapped(_ value: Float, _ from: [Float], _ to: [Float]) -> Float {
    var (low, high) = (0, from.count - 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      if from[middle] <= value { low = middle } else { high = middle }
    }
    let width = from[high] - from[low]
    let t = width > 0 ? min(max((value - from[low]) / width, 0), 1) : 0
    return to[low] + t * (to[high] - to[low])
  }
}
