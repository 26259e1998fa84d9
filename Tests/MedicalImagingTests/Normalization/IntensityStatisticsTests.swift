import MedicalImaging
import Testing

@Suite struct IntensityStatisticsTests {
  // numpy: x = (np.arange(1001) * 37 % 1001)**2 / 1000.; np.percentile(x, [0.5, 99.5]), x.mean(), x.std()
  @Test func statisticsEqualNumPys() throws {
    let values = (0..<1001).map { index -> Float in
      let mixed = index * 37 % 1001
      return Float(mixed * mixed) / 1000
    }
    let statistics = try #require(IntensityStatistics(of: values))
    #expect(abs(statistics.lowerBound - 0.0250000004) < 1e-6)
    #expect(abs(statistics.upperBound - 990.025024) < 1e-4)
    #expect(abs(statistics.mean - 333.5) < 1e-4)
    #expect(abs(statistics.standardDeviation - 298.459014) < 1e-4)
  }

  // numpy: np.percentile([1, 2, 4, 8], [0, 10, 50, 95, 100])
  @Test(arguments: [(0, 1), (10, 1.3), (50, 3), (95, 7.4), (100, 8)])
  func percentilesInterpolateLinearly(_ p: Double, _ expected: Double) {
    #expect(abs(percentile(p, ofSorted: [1, 2, 4, 8]) - expected) < 1e-12)
    #expect(percentile(p, ofSorted: [7]) == 7)
  }

  @Test func onlyForegroundCountsOfEachChannel() throws {
    let samples = [
      ForegroundSample(volume([1, 2, 3, 4, 50, 60, 70, 80]), labels([0, 1, 2, 0])),
      ForegroundSample(volume([6, 6, 6, 9, 10, 10, 10, 90]), labels([0, 0, 0, 3])),
    ]
    let statistics = ForegroundSample.statistics(of: samples, channelCount: 2)
    #expect(statistics[0] == IntensityStatistics(of: [2, 3, 9]))
    #expect(statistics[1] == IntensityStatistics(of: [60, 70, 90]))
  }

  @Test func noForegroundNoStatistics() {
    #expect(ForegroundSample.statistics(of: [], channelCount: 1) == [nil])
    let sample = ForegroundSample(
      Volume(size: GridSize(2, 1, 1), geometry: Geometry(spacing: [1, 1, 1]), voxels: [1, 2]), labels([0, 0]))
    #expect(ForegroundSample.statistics(of: [sample], channelCount: 1) == [nil])
  }

  /// At most so many voxels of a case, evenly spaced: 10 of 0...18.
  @Test func aLargeCaseIsThinned() {
    let voxels = (0..<19).map(Float.init)
    let sample = ForegroundSample(
      Volume(size: GridSize(19, 1, 1), geometry: Geometry(spacing: [1, 1, 1]), voxels: voxels),
      labels(Array(repeating: 1, count: 19)), maximum: 10)
    #expect(sample.intensities == [[0, 1, 3, 5, 7, 9, 11, 13, 15, 17]])
  }

  private func volume(_ voxels: [Float]) -> Volume {
    Volume(
      size: GridSize(voxels.count / 2, 1, 1), channelCount: 2, geometry: Geometry(spacing: [1, 1, 1]),
      voxels: voxels)
  }

  private func labels(_ labels: [UInt8]) -> LabelVolume {
    LabelVolume(size: GridSize(labels.count, 1, 1), geometry: Geometry(spacing: [1, 1, 1]), labels: labels)
  }
}
