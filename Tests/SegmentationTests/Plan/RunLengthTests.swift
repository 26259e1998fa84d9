import Foundation
import Segmentation
import Testing
import Training

/// How long a run on patches is planned to be.
@Suite struct RunLengthTests {
  private func length(
    cases: Int, batch: Int, shape: [Int], epochs: Int = 150,
    _ change: (inout PatchOptions) -> Void = { _ in }
  ) -> RunLength {
    var patches = PatchOptions()
    change(&patches)
    return RunLength(
      caseCount: cases, patches, batchSize: batch, batchVoxels: shape.reduce(batch, *), epochs: epochs,
      warmUpSteps: 200)
  }

  /// The recipe's own task, in folds and whole, and more cases of it: as it always was.
  @Test(arguments: [1, 4, 187, 188, 192, 211, 234, 1_000])
  func theRecipesOwnRunsKeepTheirLength(_ cases: Int) {
    let length = length(cases: cases, batch: 8, shape: [32, 48, 32])
    #expect(length.epochs == 150 && length.warmUpSteps == 200 && length.fullEpochs == nil)
    #expect(length.batchesPerEpoch == max(24, (cases + 7) / 8))
    #expect(!length.summary.contains("--epochs"))
  }

  /// Three cases of brain tumours in patches of 96 x 104 x 104.
  @Test func fewCasesInLargePatchesHaveFewerBatches() {
    let length = length(cases: 3, batch: 2, shape: [96, 104, 104])
    #expect(length.batchesPerEpoch == 24 && length.fullEpochs == 150)
    let voxels = Double(length.epochs * 24 * 2 * 96 * 104 * 104)
    #expect(abs(voxels / LengthRule().voxelCount! - 1) < 0.05, "\(length)")
    // A share of the run as large as the recipe's.
    #expect(length.warmUpSteps == Int((Double(length.epochs * 24) / 18).rounded()))
    #expect(length.summary.contains("--epochs 150"), "\(length.summary)")
  }

  /// The more cases, the longer, up to all epochs; never shorter for a case more.
  @Test func manyCasesAreSeenAsOftenAsTheOptionsSay() {
    let lengths = (1...200).map { length(cases: $0, batch: 2, shape: [96, 104, 104]) }
    let batches = lengths.map { $0.epochs * $0.batchesPerEpoch }
    #expect(zip(batches, batches.dropFirst()).allSatisfy { $1 >= $0 - 23 }, "\(batches)")
    #expect(lengths[199].epochs == 150 && lengths[199].batchesPerEpoch == 100)
    #expect(lengths[47].epochs == 150 && lengths[47].warmUpSteps == 200)
  }

  @Test func whatIsAskedForIsNotPlanned() {
    let asked = length(cases: 3, batch: 2, shape: [96, 104, 104], epochs: 300) { $0.length!.voxelCount = nil }
    #expect(asked.epochs == 300 && asked.fullEpochs == nil && asked.warmUpSteps == 200)
    let short = length(cases: 3, batch: 2, shape: [96, 104, 104], epochs: 4)
    #expect(short.epochs == 4 && short.warmUpSteps == 5)
    let fixed = length(cases: 3, batch: 2, shape: [96, 104, 104], epochs: 4) { $0.length!.warmUpShare = nil }
    #expect(fixed.warmUpSteps == 200)
  }

  /// Options of earlier versions say nothing of a rule: their runs have the length that they say.
  @Test func earlierOptionsAreTakenAsTheyAre() throws {
    var json = try #require(
      JSONSerialization.jsonObject(with: JSONEncoder().encode(PatchOptions())) as? [String: Any])
    json["length"] = nil
    let earlier = try JSONDecoder().decode(
      PatchOptions.self, from: JSONSerialization.data(withJSONObject: json))
    #expect(earlier.length == nil)
    let length = length(cases: 3, batch: 2, shape: [96, 104, 104]) { $0 = earlier }
    #expect(length.epochs == 150 && length.warmUpSteps == 200)
  }
}
