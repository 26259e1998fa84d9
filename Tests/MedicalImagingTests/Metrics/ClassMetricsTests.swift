import MedicalImaging
import Testing

/// Against distances between all pairs of surface voxels.
@Suite struct ClassMetricsTests {
  @Test(arguments: MetricsGolden.all)
  func metricsEqualBruteForce(_ golden: MetricsGolden) {
    #expect(golden.metrics.count == 3)
    for (index, expected) in golden.metrics.enumerated() {
      let metrics = ClassMetrics(
        prediction: golden.predictedMask, truth: golden.trueMask, label: UInt8(index + 1))
      expectEqual(metrics.dice, expected.dice)
      expectEqual(metrics.hausdorff95, expected.hausdorff95)
      expectEqual(metrics.averageSurfaceDistance, expected.averageSurfaceDistance)
      expectEqual(metrics.normalizedSurfaceDice, expected.normalizedSurfaceDice)
      #expect(abs(metrics.predictedVolume - expected.predictedVolume) < 1e-9)
      #expect(abs(metrics.trueVolume - expected.trueVolume) < 1e-9)
    }
  }

  @Test(arguments: MetricsGolden.all)
  func distancesAreSymmetric(_ golden: MetricsGolden) {
    for label in UInt8(1)...3 {
      let forward = SurfaceDistance(
        golden.predictedMask, golden.trueMask, label: label, spacing: golden.spacing)
      let backward = SurfaceDistance(
        golden.trueMask, golden.predictedMask, label: label, spacing: golden.spacing)
      #expect(forward?.hausdorff95 == backward?.hausdorff95)
      #expect(abs((forward?.average ?? 0) - (backward?.average ?? 0)) < 1e-12)
    }
  }

  @Test func distancesScaleWithTheSpacing() throws {
    let golden = try #require(MetricsGolden.all.first)
    func distance(_ factor: Double) throws -> SurfaceDistance {
      try #require(
        SurfaceDistance(
          golden.predictedMask, golden.trueMask, label: 1, spacing: golden.spacing.map { $0 * factor }))
    }
    let (one, four) = (try distance(1), try distance(4))
    #expect(abs(four.hausdorff95 - 4 * one.hausdorff95) < 1e-9)
    #expect(abs(four.average - 4 * one.average) < 1e-9)
  }

  /// A plane at the grid's border: every voxel of it moves by the same.
  @Test(arguments: 0..<3)
  func aPlaneMovedByOneVoxelIsItsSpacingAway(_ axis: Int) throws {
    let spacing = [0.7, 1.5, 3.25]
    var extents = [6, 5, 4]
    extents[axis] = 1
    let distance = try #require(
      SurfaceDistance(
        box(at: [0, 0, 0], extents), box(at: (0..<3).map { $0 == axis ? 1 : 0 }, extents), label: 2,
        spacing: spacing))
    #expect(abs(distance.hausdorff95 - spacing[axis]) < 1e-12)
    #expect(abs(distance.average - spacing[axis]) < 1e-12)
  }

  /// The faces ahead and behind move, the sides stay where they were.
  @Test(arguments: 0..<3)
  func aBoxMovedByOneVoxelIsAtMostItsSpacingAway(_ axis: Int) throws {
    let spacing = [0.7, 1.5, 3.25]
    let distance = try #require(
      SurfaceDistance(
        box(at: [1, 2, 0], [5, 5, 5]),
        box(at: (0..<3).map { [1, 2, 0][$0] + ($0 == axis ? 1 : 0) }, [5, 5, 5]),
        label: 2, spacing: spacing))
    #expect(abs(distance.hausdorff95 - spacing[axis]) < 1e-12)
    #expect(distance.average > 0 && distance.average < spacing[axis])
  }

  /// Label 2 in a box of a grid of 9 x 8 x 7, all else 0 and 1.
  private func box(at lower: [Int], _ extents: [Int]) -> LabelVolume {
    let size = GridSize(9, 8, 7)
    let labels = (0..<size.count).map { position -> UInt8 in
      let index = [position % size.i, position / size.i % size.j, position / (size.i * size.j)]
      let isInside = (0..<3).allSatisfy { (lower[$0]..<lower[$0] + extents[$0]).contains(index[$0]) }
      return isInside ? 2 : UInt8(position % 2)
    }
    return LabelVolume(size: size, geometry: Geometry(spacing: [1, 1, 1]), labels: labels)
  }

  private func expectEqual(
    _ ours: Measured, _ expected: Measured, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    guard case .value(let a) = ours, case .value(let b) = expected else {
      #expect(ours == expected, sourceLocation: sourceLocation)
      return
    }
    #expect(abs(a - b) < 1e-9, sourceLocation: sourceLocation)
  }
}
