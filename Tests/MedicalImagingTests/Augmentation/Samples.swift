import MedicalImaging
import SeededRandom

/// A sample of random values, with labels 0 to 3.
func randomSample(_ extents: [Int], channelCount: Int = 1, seed: UInt64 = 1) -> Sample {
  var generator = SplitMix64(seed: seed)
  let count = extents.reduce(1, *)
  return Sample(
    extents: extents, channelCount: channelCount,
    image: (0..<count * channelCount).map { _ in Float(generator.nextNormal()) },
    labels: (0..<count).map { _ in UInt8.random(in: 0...3, using: &generator) })
}

/// A sample whose value at (d, h, w) is given; labels 0.
func sample(_ extents: [Int], _ value: (Int, Int, Int) -> Float) -> Sample {
  var image: [Float] = []
  for d in 0..<extents[0] {
    for h in 0..<extents[1] { for w in 0..<extents[2] { image.append(value(d, h, w)) } }
  }
  return Sample(
    extents: extents, channelCount: 1, image: image, labels: [UInt8](repeating: 0, count: image.count))
}

extension Sample {
  /// The value at (d, h, w) of the first channel.
  func value(_ d: Int, _ h: Int, _ w: Int) -> Float {
    image[((d * extents[1] + h) * extents[2] + w) * channelCount]
  }

  /// The middle, in voxels.
  var middle: SIMD3<Double> {
    SIMD3(Double(extents[0] - 1), Double(extents[1] - 1), Double(extents[2] - 1)) / 2
  }
}
