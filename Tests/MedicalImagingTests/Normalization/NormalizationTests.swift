import Foundation
import MedicalImaging
import Testing

@Suite struct NormalizationTests {
  private let geometry = Geometry(spacing: [1, 1, 1])

  @Test func zScoreIsByPopulationDeviationOverAllVoxels() {
    // mean 5, population standard deviation 2
    let volume = line([2, 4, 4, 4, 5, 5, 7, 9])
    #expect(volume.normalized([.zScore]).voxels == [-1.5, -0.5, -0.5, -0.5, 0, 0, 1, 2])
  }

  /// Outside is what most corners have, not a figure of its own: the voxels inside have mean 5 and deviation 2, the others 0.
  @Test(arguments: [Float(0), -3.5, 1e6])
  func theZScoreInsideLeavesOutWhatTheCornersHave(_ outside: Float) {
    var voxels = [Float](repeating: outside, count: 4 * 4 * 4)
    for (position, value) in zip([5, 6, 21, 22, 37, 38, 41, 42], [2, 4, 4, 4, 5, 5, 7, 9] as [Float]) {
      voxels[position] = value
    }
    let volume = Volume(size: GridSize(4, 4, 4), geometry: geometry, voxels: voxels)
    let normalized = volume.normalized([.zScoreInside]).voxels
    #expect([5, 6, 21, 22, 37, 38, 41, 42].map { normalized[$0] } == [-1.5, -0.5, -0.5, -0.5, 0, 0, 1, 2])
    #expect(zip(voxels, normalized).allSatisfy { $0 != outside || $1 == 0 })
    #expect(volume.outsideShare(of: 0) == 56.0 / 64)
    // One corner inside of the head changes nothing.
    voxels[0] = outside + 1
    #expect(
      Volume(size: GridSize(4, 4, 4), geometry: geometry, voxels: voxels).outsideShare(of: 0) == 55.0 / 64)
  }

  @Test func eachChannelIsNormalisedByItself() {
    let statistics = IntensityStatistics(
      lowerBound: -100, upperBound: 300, mean: 100, standardDeviation: 50)
    let volume = Volume(
      size: GridSize(2, 1, 1), channelCount: 3, geometry: geometry, voxels: [1, 3, -1000, 1000, 10, 50])
    #expect(
      volume.normalized([.zScore, .clip(statistics), .zScore]).voxels == [-1, 1, -4, 4, -1, 1])
  }

  @Test func clippingKeepsWhatIsWithin() {
    let statistics = IntensityStatistics(
      lowerBound: -100, upperBound: 300, mean: 100, standardDeviation: 50)
    #expect(line([-100, 0, 125, 300, 301]).normalized([.clip(statistics)]).voxels == [-4, -2, 0.5, 4, 4])
  }

  /// Float32 sums would lose the deviation of such a scan.
  @Test func largeOffsetsKeepTheirPrecision() {
    let voxels = (0..<100_000).map { 1e6 + Float($0 % 2) }
    let normalized = line(voxels).normalized([.zScore]).voxels
    #expect(normalized.allSatisfy { abs(abs($0) - 1) < 1e-6 })
  }

  @Test(arguments: [Float(0), 0.1, -1e6, 3.4e38])
  func aScanWithoutContrastBecomesZeros(_ value: Float) {
    let flat = line(Array(repeating: value, count: 32 * 32 * 32))
    #expect(flat.normalized([.zScore]).voxels.allSatisfy { $0 == 0 })
    #expect(flat.normalized([.zScoreInside]).voxels.allSatisfy { $0 == 0 })
    let statistics = IntensityStatistics(lowerBound: 1, upperBound: 1, mean: 1, standardDeviation: 0)
    #expect(flat.normalized([.clip(statistics)]).voxels.allSatisfy { $0 == 0 })
  }

  // numpy: x = (np.arange(1001) * 37 % 1001)**2 / 1000.; f = x[x > 100]
  // low, high = np.percentile(f, [0.5, 99.5])
  // ((x - x.mean()) / x.std())[at], ((np.clip(x, low, high) - f.mean()) / f.std())[at]
  @Test(arguments: [
    (0, -1.11740636, -1.40998749), (1, -1.11281946, -1.40998749), (500, -0.3389946, -0.91581521),
    (541, 2.21974876, 1.98408221), (1000, 1.99624066, 1.74059068),
  ])
  func bothEqualNumPys(_ position: Int, _ zScore: Float, _ clipped: Float) throws {
    let volume = line(
      (0..<1001).map { index in
        let mixed = index * 37 % 1001
        return Float(mixed * mixed) / 1000
      })
    let foreground = LabelVolume(
      size: volume.size, geometry: geometry, labels: volume.voxels.map { $0 > 100 ? 1 : 0 })
    let sample = ForegroundSample(volume, foreground)
    let statistics = try #require(ForegroundSample.statistics(of: [sample], channelCount: 1)[0])
    #expect(abs(volume.normalized([.zScore]).voxels[position] - zScore) < 1e-6)
    #expect(abs(volume.normalized([.clip(statistics)]).voxels[position] - clipped) < 1e-6)
  }

  @Test(arguments: [
    ("CT", true), ("ct", true), (" Ct\n", true), ("MRI", false), ("CTA", false), ("", false),
    ("CT abdomen", true),
  ])
  func modalityDecides(_ modality: String, _ isCT: Bool) {
    #expect(Normalization.isCT(modality) == isCT)
  }

  @Test func normalizationsSurviveJSON() throws {
    let normalizations = [
      Normalization.zScore, .zScoreInside,
      .clip(
        IntensityStatistics(
          lowerBound: -958.5, upperBound: 82.25, mean: 0.1, standardDeviation: 1.0 / 3)),
    ]
    let data = try JSONEncoder().encode(normalizations)
    #expect(try JSONDecoder().decode([Normalization].self, from: data) == normalizations)
  }

  private func line(_ voxels: [Float]) -> Volume {
    Volume(size: GridSize(voxels.count, 1, 1), geometry: geometry, voxels: voxels)
  }
}
