/// Mirrors a sample along each of some axes, each with probability 1/2 by default.
///
/// Source: the reference system flips along the first two axes.
public struct RandomFlip: Augmentation {
  /// Axes among D (0), H (1), W (2).
  public let axes: [Int]
  public let probability: Double

  public init(axes: [Int] = [0, 1], probability: Double = 0.5) {
    self.axes = axes
    self.probability = probability
  }

  public func augmented(_ sample: Sample, using generator: inout some RandomNumberGenerator) -> Sample {
    var result = sample
    for axis in axes where Double.random(in: 0..<1, using: &generator) < probability {
      result = result.flipped(axis: axis)
    }
    return result
  }
}

extension Sample {
  /// Returns the sample mirrored along an axis: D (0), H (1) or W (2).
  public func flipped(axis: Int) -> Sample {
    var result = self
    let inner = extents[(axis + 1)...].reduce(1, *)
    result.image = reversedAlongAxis(image, extents[axis], inner * channelCount)
    result.labels = reversedAlongAxis(labels, extents[axis], inner)
    return result
  }
}

/// Reverses the middle axis of an array of shape `[outer, extent, inner]`, the last axis fastest.
private func reversedAlongAxis<Element>(_ elements: [Element], _ extent: Int, _ inner: Int) -> [Element] {
  var result: [Element] = []
  result.reserveCapacity(elements.count)
  for start in stride(from: 0, to: elements.count, by: extent * inner) {
    for x in (0..<extent).reversed() {
      result.append(contentsOf: elements[start + x * inner..<start + (x + 1) * inner])
    }
  }
  return result
}
