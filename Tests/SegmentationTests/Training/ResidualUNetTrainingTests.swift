import CPUBackend
import MedicalImaging
import Networks
import Segmentation
import Testing
import Training

/// The second network through the whole program: trained on whole grids and on patches, resumed, predicted.
@Suite struct ResidualUNetTrainingTests {
  private func dataset(_ folder: String, cases: Int) throws -> Dataset {
    try PhantomDataset.write(
      PhantomConfiguration(caseCount: cases, testCaseCount: 0, seed: 3), to: folder + "/data")
  }

  private func train(
    _ dataset: Dataset, _ folder: String, _ options: TrainingOptions, resume: Bool = false,
    executor: CPUExecutor
  ) throws -> RecordingObserver {
    let session = try TrainingSession(
      dataset: dataset, folder: ModelFolder(folder), options: options, resume: resume, executor: executor)
    var observer = RecordingObserver()
    try session.run(reporting: &observer)
    return observer
  }

  private static let network = Architecture.residualUNet(
    ResidualUNetConfiguration(filters: 4, stages: 3, usesDeepSupervision: true))

  @Test func learnsAndPredicts() throws {
    try withTemporaryFolder { folder in
      let dataset = try dataset(folder, cases: 12)
      let options = smallOptions(epochs: 12) {
        $0.network.architecture = Self.network
        $0.baseLearningRate = 1e-2
      }
      let observer = try train(dataset, folder + "/m", options, executor: try CPUExecutor(threadCount: 1))
      #expect(observer.epochs.last!.foregroundDice! > 0.6, "\(observer.epochs.last!)")
      let model = try SegmentationModel(
        ModelFolder(folder + "/m"), executor: try CPUExecutor(threadCount: 1))
      #expect(model.record.options.network.architecture == Self.network)
      let cases = try model.record.cases(of: .validation, in: dataset)
      #expect(try model.evaluate(cases).meanForegroundDice! > 0.6)
    }
  }

  @Test func resumedEqualsUninterrupted() throws {
    try withTemporaryFolder { folder in
      let dataset = try dataset(folder, cases: 4)
      let executor = try CPUExecutor(threadCount: 1)
      func run(_ name: String, epochs: Int, resume: Bool = false) throws -> RecordingObserver {
        let options = smallOptions(epochs: epochs) { $0.network.architecture = Self.network }
        return try train(dataset, folder + "/" + name, options, resume: resume, executor: executor)
      }
      let whole = try run("whole", epochs: 2)
      let begun = try run("parts", epochs: 1)
      let resumed = try run("parts", epochs: 2, resume: true)
      #expect(begun.losses + resumed.losses == whole.losses)
    }
  }

  /// Patches at a spacing of their own, validated on whole scans of other extents.
  @Test func trainsOnPatches() throws {
    try withTemporaryFolder { folder in
      let dataset = try dataset(folder, cases: 4)
      var options = TrainingOptions(preset: .accurate)
      options.network.architecture = Self.network
      options.epochs = 2
      options.warmUpSteps = 2
      options.sampling.patches!.wishes = PlanWishes(
        spacing: [1.2, 0.9, 1.1], patchShape: [24, 24, 24], batchSize: 2)
      let observer = try train(dataset, folder + "/m", options, executor: try CPUExecutor(threadCount: 1))
      #expect(
        observer.losses.allSatisfy(\.isFinite) && observer.epochs.last!.loss! < observer.epochs[0].loss!)
      #expect(observer.epochs.last!.validationDice.count == 3)
    }
  }

  @Test func structuresThatCannotBeAreRefused() throws {
    try withTemporaryFolder { folder in
      let dataset = try dataset(folder, cases: 3)
      for preset in [Preset.hippocampus, .accurate] {
        var options = TrainingOptions(preset: preset)
        options.network.architecture = .residualUNet(ResidualUNetConfiguration(stages: 0))
        #expect(throws: ConfigurationError.outOfRange(option: "--stages", value: 0, allowed: 2...7)) {
          try train(dataset, folder + "/m", options, executor: try CPUExecutor(threadCount: 1))
        }
      }
    }
  }
}
