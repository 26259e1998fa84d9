import Foundation
import MedicalImaging
import Networks
import Segmentation
import Testing

@Suite struct TrainingPlanTests {
  private let network = Preset.accurate.network
  /// Of the batch, in the train step with 16 filters.
  private static let bytesPerVoxel = Preset.accurate.network.trainingBytesPerVoxel

  /// A fingerprint as of cases that are all alike.
  private func fingerprint(extents: [Double], spacing: [Double]) throws -> DatasetFingerprint {
    func spread(_ value: Double) -> [String: Double] { ["least": value, "median": value, "largest": value] }
    let json: [String: Any] = [
      "caseCount": 3, "extents": extents.map(spread), "spacings": spacing.map(spread),
      "intensities": [NSNull()], "classSizes": [Any](),
    ]
    return try JSONDecoder().decode(
      DatasetFingerprint.self, from: JSONSerialization.data(withJSONObject: json))
  }

  private func plan(
    _ extents: [Double], _ spacing: [Double] = [1, 1, 1], wishes: PlanWishes = PlanWishes()
  ) throws -> TrainingPlan {
    TrainingPlan(
      try fingerprint(extents: extents, spacing: spacing), for: network, wishes: wishes,
      mirroredAxes: [0, 1, 2])
  }

  @Test func smallScansArePatchesOfTheMedianCase() throws {
    let plan = try plan([36, 50, 35])
    #expect(plan.patchShape == [32, 48, 32])
    #expect(plan.batchSize == 8)
    #expect(plan.spacing == [1, 1, 1])
    #expect(plan.medianExtents == [36, 50, 35])
  }

  @Test func patchesAreMultiplesOfTheStrideAndFitTheMemory() throws {
    for extents in [[512.0, 512, 300], [100, 20, 7], [240, 240, 155]] {
      let plan = try plan(extents)
      #expect(plan.patchShape.allSatisfy { $0 % network.stride == 0 && $0 > 0 })
      let bytes = Double(plan.batchSize * plan.patchShape.reduce(1, *)) * Self.bytesPerVoxel
      #expect(bytes <= PlanWishes().memoryBudget)
    }
  }

  @Test func lessMemoryGivesSmallerBatchesThenSmallerPatches() throws {
    let voxels = 64.0 * 64 * 64 * Self.bytesPerVoxel
    #expect(try plan([64, 64, 64], wishes: PlanWishes(memoryBudget: 8 * voxels)).batchSize == 8)
    let four = try plan([64, 64, 64], wishes: PlanWishes(memoryBudget: 7.9 * voxels))
    #expect(four.batchSize == 4 && four.patchShape == [64, 64, 64])
    let less = try plan([64, 64, 64], wishes: PlanWishes(memoryBudget: 1.9 * voxels))
    #expect(less.batchSize == 2 && less.patchShape != [64, 64, 64])
  }

  @Test func batchesAreNoLargerThanWished() throws {
    #expect(try plan([36, 50, 35], wishes: PlanWishes(largestBatchSize: 4)).batchSize == 4)
    #expect(try plan([240, 240, 155], wishes: PlanWishes(largestBatchSize: 4)).batchSize == 2)
  }

  /// Slices of 5 mm: what is shortened is the longest axis in mm, not in voxels.
  @Test func thickSlicesKeepThePatchNearACube() throws {
    let plan = try plan([320, 320, 64], [1, 1, 5], wishes: PlanWishes(memoryBudget: 1e9))
    let lengths = zip(plan.patchShape, plan.spacing).map { Double($0) * $1 }
    #expect(lengths.max()! / lengths.min()! < 1.6, "\(lengths) mm")
  }

  @Test func wishesWin() throws {
    let plan = try plan(
      [36, 50, 35],
      wishes: PlanWishes(spacing: [2, 2, 2], patchShape: [16, 24, 16], batchSize: 3))
    #expect(plan.patchShape == [16, 24, 16] && plan.batchSize == 3 && plan.spacing == [2, 2, 2])
    #expect(plan.medianExtents == [18, 25, 18])
  }

  @Test func aFingerprintTellsWhatTheCasesAreLike() throws {
    try withTemporaryFolder { folder in
      let dataset = try PhantomDataset.write(
        PhantomConfiguration(caseCount: 3, testCaseCount: 0, seed: 3, channelCount: 2, classCount: 3),
        to: folder + "/data")
      let fingerprint = try DatasetFingerprint(DatasetSurvey(dataset), of: dataset.training)
      #expect(fingerprint.caseCount == 3)
      #expect(fingerprint.intensities.count == 2 && fingerprint.intensities.allSatisfy { $0 != nil })
      #expect(fingerprint.classSizes.map(\.className) == ["Part 1", "Part 2", "Part 3"])
      #expect(fingerprint.classSizes.allSatisfy { $0.caseCount == 3 && $0.volume.least > 0 })
      let sizes = try dataset.training.map { try ImageHeader(contentsOf: $0.imagePath).size.i }.sorted()
      #expect(fingerprint.extents[0].least == Double(sizes[0]))
      #expect(fingerprint.extents[0].median == Double(sizes[1]))
      #expect(fingerprint.extents[0].largest == Double(sizes[2]))
    }
  }

  /// The phantom's parts lie one behind the other along j, and a mirror image along j would show them exchanged.
  @Test func patchesAreNotMirroredWhereClassesWouldBeConfused() throws {
    func plan(caseCount: Int, classCount: Int = 2, wishes: PlanWishes = PlanWishes()) throws -> TrainingPlan {
      try withTemporaryFolder { folder in
        let dataset = try PhantomDataset.write(
          PhantomConfiguration(caseCount: caseCount, testCaseCount: 0, seed: 3, classCount: classCount),
          to: folder + "/data")
        return TrainingPlan(
          try DatasetFingerprint(DatasetSurvey(dataset), of: dataset.training), for: network, wishes: wishes,
          mirroredAxes: [0, 1, 2])
      }
    }
    let ordered = try plan(caseCount: 10)
    #expect(ordered.fingerprint.orderedAxes?.contains(1) == true)
    #expect(
      ordered.mirroredAxes == [0, 1, 2].filter { ordered.fingerprint.orderedAxes?.contains($0) == false })
    #expect(ordered.summary.contains("classes lie in one order along"))
    // Ten cases may tell of an order, nine may not; one class has none.
    #expect(try plan(caseCount: 9).mirroredAxes == [0, 1, 2])
    #expect(try plan(caseCount: 10, classCount: 1).mirroredAxes == [0, 1, 2])
    #expect(try plan(caseCount: 10, wishes: PlanWishes(mirroredAxes: [1])).mirroredAxes == [1])
  }
}
