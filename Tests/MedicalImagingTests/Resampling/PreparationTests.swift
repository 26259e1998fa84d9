import MedicalImaging
import SeededRandom
import Testing

@Suite struct PreparationTests {
  /// Plane by plane comes what each step gives by itself.
  @Test(arguments: [
    GridSize(7, 9, 35), GridSize(7, 9, 20), GridSize(7, 4, 35), GridSize(13, 9, 35), GridSize(3, 17, 70),
    GridSize(1, 1, 1),
  ])
  func isResamplingNormalisingAndOrdering(_ grid: GridSize) {
    var generator = SplitMix64(seed: 1)
    let volume = Volume(
      size: GridSize(7, 9, 35), channelCount: 2, geometry: Geometry(spacing: [1, 1, 2]),
      voxels: (0..<7 * 9 * 35 * 2).map { voxel in
        // The last third and the corners lie outside.
        voxel % (7 * 9 * 35) >= 7 * 9 * 23 || voxel % 63 == 0 || voxel % 63 == 62
          ? 40 : Float(100 + 30 * generator.nextNormal())
      })
    let clip = Normalization.clip(
      IntensityStatistics(lowerBound: 60, upperBound: 120, mean: 90, standardDeviation: 20))
    for normalizations in [[.zScore, clip], [clip, .zScoreInside]] as [[Normalization]] {
      let wanted = volume.resampled(to: grid).normalized(normalizations).networkOrdered
      let scan = PreparedScan(StoredVolume(volume), on: grid, normalizations)
      #expect(scan.elements == wanted)
      let (i, j, k) = (grid.i / 3..<grid.i, 0..<(grid.j + 1) / 2, grid.k / 2..<grid.k)
      let rows = i.flatMap { x in j.map { y in (x * grid.j + y) * grid.k + k.lowerBound } }
      #expect(scan.box(i, j, k) == rows.flatMap { wanted[2 * $0..<2 * ($0 + k.count)] })
    }
  }

  @Test func aChannelWithoutContrastIsZero() {
    let volume = Volume(
      size: GridSize(4, 4, 4), geometry: Geometry(spacing: [1, 1, 1]),
      voxels: [Float](repeating: 7, count: 64))
    let scan = PreparedScan(StoredVolume(volume), on: GridSize(5, 4, 3), [.zScore])
    #expect(scan.elements == [Float](repeating: 0, count: 60))
  }
}
