import MedicalImaging
import Testing

/// A low resolution of factor 0.5: of 8 voxels those at 0, 2, 4, 6 are kept.
@Suite struct LowResolutionTests {
  /// Draws the least number of each range of floating-point numbers, up to rounding.
  private struct LeastNumbers: RandomNumberGenerator {
    // Not 0, which the standard library draws again to be without bias.
    func next() -> UInt64 { 1 }
  }

  private func halved(_ sample: Sample) -> Sample {
    var generator = LeastNumbers()
    return sample.augmented(
      by: [RandomLowResolution(probability: 1, minimumFactor: 0.5)], using: &generator)
  }

  /// A sample of 8^3 voxels with these values along one axis.
  private func line(_ values: [Float], along axis: Int) -> Sample {
    sample([8, 8, 8]) { d, h, w in values[[d, h, w][axis]] }
  }

  /// Only the last voxel changes, behind which none is kept.
  @Test(arguments: 0..<3)
  func aRampStaysARamp(_ axis: Int) {
    let halved = halved(line([0, 1, 2, 3, 4, 5, 6, 7], along: axis))
    #expect(halved == line([0, 1, 2, 3, 4, 5, 6, 6], along: axis))
  }

  /// Squares: (0 + 4) / 2, (4 + 16) / 2, (16 + 36) / 2.
  @Test(arguments: 0..<3)
  func thoseBetweenAreTheMeanOfThoseKept(_ axis: Int) {
    let halved = halved(line([0, 1, 4, 9, 16, 25, 36, 49], along: axis))
    #expect(halved == line([0, 2, 4, 10, 16, 26, 36, 36], along: axis))
  }

  @Test func thoseKeptAreKeptAlongAllAxes() {
    let source = randomSample([8, 8, 8])
    let halved = halved(source)
    for d in stride(from: 0, to: 8, by: 2) {
      for h in stride(from: 0, to: 8, by: 2) {
        for w in stride(from: 0, to: 8, by: 2) { #expect(halved.value(d, h, w) == source.value(d, h, w)) }
      }
    }
    #expect(halved.labels == source.labels)
  }
}
