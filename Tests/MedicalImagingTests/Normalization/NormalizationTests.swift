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
    let statistics = IntensityStatistics(lowerBound: 1, upperBound: 1, mean: 1, standardDeviation: 0)
    #expect(flat.normalized([.clip(statistics)]).voxels.allSatisfy { $0 == 0 })
  }

  @Test(arguments: [("CT", true), ("ct", true), (" Ct\n", true), ("MRI", false), ("CTA", false), ("", false)])
  func modalityDecides(_ modality: String, _ isCT: Bool) {
    #expect(Normalization.isCT(modality) == isCT)
  }

  @Test func normalizationsSurviveJSON() throws {
    let normalizations = [
      Normalization.zScore,
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
