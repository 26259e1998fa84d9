extension Sample {
  /// Returns the sample with each channel's values changed by `body`, one channel after the other.
  func changingChannels(_ body: (UnsafeMutableBufferPointer<Float>) -> Void) -> Sample {
    var result = self
    if channelCount == 1 {
      result.image.withUnsafeMutableBufferPointer { body($0) }
      return result
    }
    var values = [Float](repeating: 0, count: labels.count)
    for channel in 0..<channelCount {
      for voxel in values.indices { values[voxel] = image[voxel * channelCount + channel] }
      values.withUnsafeMutableBufferPointer { body($0) }
      for voxel in values.indices { result.image[voxel * channelCount + channel] = values[voxel] }
    }
    return result
  }
}

/// The least and the largest of some values, and their mean.
struct ValueRange {
  let least: Float
  let largest: Float
  let mean: Float

  init(_ values: UnsafeMutableBufferPointer<Float>) {
    var (least, largest, sum) = (Float.infinity, -Float.infinity, 0.0)
    for value in values {
      least = min(least, value)
      largest = max(largest, value)
      sum += Double(value)
    }
    (self.least, self.largest) = (least, largest)
    mean = Float(sum / Double(max(1, values.count)))
  }
}
