/// Replaces each value by the mean of the 3^3 voxels around it; at the edges the edge's own voxels repeat.
///
/// Source: the accurate recipe; nnU-Net blurs by a Gaussian of 0.5 to 1 voxel with probability 0.2.
public struct RandomMeanBlur: Augmentation, Codable, Equatable {
  public let probability: Double

  public init(probability: Double = 0.15) {
    precondition((0...1).contains(probability))
    self.probability = probability
  }

  public func augmented(_ sample: Sample, using generator: inout some RandomNumberGenerator) -> Sample {
    guard generator.happens(probability) else { return sample }
    return sample.changingChannels { values in
      for axis in 0..<3 { average(values, sample.extents, axis) }
    }
  }

  /// The mean of each voxel and its two neighbours along one axis.
  private func average(_ values: UnsafeMutableBufferPointer<Float>, _ extents: [Int], _ axis: Int) {
    let inner = extents[(axis + 1)...].reduce(1, *)
    let extent = extents[axis]
    var previous = [Float](repeating: 0, count: inner)
    for start in stride(from: 0, to: values.count, by: extent * inner) {
      for i in 0..<inner { previous[i] = values[start + i] }
      for x in 0..<extent {
        let here = start + x * inner
        let next = x + 1 < extent ? here + inner : here
        for i in 0..<inner {
          let value = values[here + i]
          values[here + i] = (previous[i] + value + values[next + i]) / 3
          previous[i] = value
        }
      }
    }
  }
}
