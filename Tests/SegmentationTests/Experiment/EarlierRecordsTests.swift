import Foundation
import MedicalImaging
import Networks
import Segmentation
import Testing
import Training

/// Records that version 1 wrote, out of checkpoints of its `vnet train` on a phantom: of each preset, and of options that
/// it wrote in another form.
@Suite struct EarlierRecordsTests {
  private static func record(_ name: String) throws -> ModelRecord {
    let url = try #require(
      Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Goldens/records"))
    return try JSONDecoder().decode(ModelRecord.self, from: Data(contentsOf: url))
  }

  /// The options of a preset after a change, as they were given to `vnet train`.
  private func options(
    _ preset: Preset = .hippocampus, filters: Int, shape: [Int] = [16, 16, 16],
    _ change: (inout TrainingOptions) -> Void = { _ in }
  ) -> TrainingOptions {
    var options = TrainingOptions(preset: preset)
    options.network.architecture.vnet!.filters = filters
    options.network.inputShape = shape
    options.epochs = 2
    options.orientation = .stored
    change(&options)
    return options
  }

  @Test func thoseOfThePresets() throws {
    let hippocampus = try Self.record("hippocampus")
    #expect(hippocampus.options == options(filters: 4) { $0.sampling = .wholeGrid(flips: true) })
    #expect(hippocampus.measuredChoices.count == 2 && hippocampus.history.count == 2)
    #expect(hippocampus.history[0].loss == 2.30928897857666)
    let milletari = try Self.record("milletari")
    #expect(milletari.options == options(.milletari, filters: 2) && milletari.measuredChoices.isEmpty)
    #expect(
      try Self.record("unpadded").options == options(.unpadded, filters: 2, shape: [44, 44, 44]))
    let accurate = try Self.record("accurate")
    #expect(
      accurate.options
        == options(.accurate, filters: 4, shape: [16, 24, 16]) {
          $0.batchSize = 2
          $0.sampling.patches!.wishes = PlanWishes(patchShape: [16, 24, 16], batchSize: 2)
          $0.sampling.patches!.validationInterval = 2
          $0.sampling.patches!.leastSteps = nil
          $0.sampling.patches!.length = nil
        })
    #expect(accurate.plan?.patchShape == [16, 24, 16] && accurate.preparation.spacing != nil)
  }

  @Test func thoseOfOtherOptions() throws {
    #expect(
      try Self.record("adam-tversky").options
        == options(filters: 4) {
          $0.loss = .tversky(
            overlap: Overlap(averagesClasses: true, classWeights: [1, 2, 3]),
            errorWeights: ErrorWeights(falsePositives: 0.4, falseNegatives: 0.6))
          $0.optimizer = .adam
          $0.clipNorm = 1
          $0.schedule = .cosine
          $0.warmUpSteps = 3
        })
    #expect(
      try Self.record("sgd-focal").options
        == options(filters: 4) {
          $0.loss = .focal(exponent: 3)
          $0.optimizer = .sgd(momentum: 0.9)
          $0.lossScale = .dynamic
          $0.baseLearningRate = 0.01
          $0.normalization = .zScore
        })
    #expect(
      try Self.record("rmsprop-dice-cross-entropy").options
        == options(filters: 4) {
          $0.loss = .diceCrossEntropy(overlap: Overlap(includesBackground: false), squaresDenominator: true)
          $0.optimizer = .rmsprop(momentum: 0.5)
          $0.weightAverage = WeightAverage(decay: 0.9)
        })
  }

  /// They took scans as they are stored, and knew nothing of their grids.
  @Test(arguments: ["hippocampus", "accurate"])
  func theySeeScansAsStored(_ name: String) throws {
    let record = try Self.record(name)
    #expect(record.options.orientation == .stored && record.preparation.orientation == .stored)
    #expect(record.trainingGrids == nil)
    #expect(TrainingOptions().orientation == .canonical)
  }

  /// What is written of them is of today's version, and reads as the same.
  @Test(arguments: ["hippocampus", "milletari", "unpadded", "accurate", "adam-tversky", "sgd-focal"])
  func theyAreWrittenInTodaysForm(_ name: String) throws {
    let record = try Self.record(name)
    let data = try JSONEncoder().encode(record)
    #expect(try JSONDecoder().decode(ModelRecord.self, from: data) == record)
    let object = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["version"] as? Int == ModelRecord.currentVersion)
    let options = try #require(object["options"] as? [String: Any])
    #expect(options["version"] as? Int == TrainingOptions.currentVersion)
    #expect(options["lossSettings"] == nil && options["augment"] == nil)
  }

  @Test func optionsOfALaterVersionAreRefused() throws {
    let data = try JSONEncoder().encode(TrainingOptions())
    let later = String(decoding: data, as: UTF8.self).replacingOccurrences(
      of: "\"version\":2", with: "\"version\":3")
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(TrainingOptions.self, from: Data(later.utf8))
    }
  }

  @Test func patchesWithoutASpacingAreRefused() throws {
    var record = try Self.record("accurate")
    record.preparation.spacing = nil
    let data = try JSONEncoder().encode(record)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(ModelRecord.self, from: data) }
  }
}
