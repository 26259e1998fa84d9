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
