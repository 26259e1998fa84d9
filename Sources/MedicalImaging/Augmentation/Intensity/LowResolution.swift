/// Simulates a scan of lower resolution: takes every so-manieth voxel and interpolates linearly between them.
///
/// Source: nnU-Net: factor 0.5 to 1, probability 0.25, nearest neighbour down; up it interpolates by cubic splines.
public struct RandomLowResolution: Augmentation, Codable, Equatable {
  /// The ratio of the low resolution to the sample's.
  public let factor: RandomRange

  public init(_ factor: RandomRange) { self.factor = factor }

  public init(probability: Double = 0.25, minimumFactor: Double = 0.5) {
    precondition(minimumFactor > 0)
    self.init(RandomRange(probability: probability, minimumFactor...1))
  }

  public func augmented(_ sample: Sample, using generator: inout some RandomNumberGenerator) -> Sample {
    guard factor.happens(using: &generator) else { return sample }
    let factor = self.factor.drawn(using: &generator)
    return sample.changingChannels { values in
      for axis in 0..<3 { coarsen(values, sample.extents, axis, factor) }
    }
  }

  /// Keeps the nearest samples of a coarser axis and interpolates the others from them. Nearest neighbour down and
  /// linear up are products of their axes, so that one axis after the other does.
  private func coarsen(
    _ values: UnsafeMutableBufferPointer<Float>, _ extents: [Int], _ axis: Int, _ factor: Double
  ) {
    let (extent, inner) = (extents[axis], extents[(axis + 1)...].reduce(1, *))
    let down = AxisMap(input: extent, output: max(1, Int((Double(extent) * factor).rounded())))
    let up = AxisMap(input: down.nearest.count, output: extent)
    var line = [Float](repeating: 0, count: extent)
    for start in stride(from: 0, to: values.count, by: extent * inner) {
      for i in start..<start + inner {
        for x in 0..<extent { line[x] = values[i + x * inner] }
        for x in 0..<extent {
          let (a, b) = (line[down.nearest[up.lower[x]]], line[down.nearest[up.upper[x]]])
          values[i + x * inner] = a + up.weight[x] * (b - a)
        }
      }
    }
  }
}
