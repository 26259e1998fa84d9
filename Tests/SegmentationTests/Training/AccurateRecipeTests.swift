import CPUBackend
import Foundation
import MedicalImaging
import Networks
import Segmentation
import Testing
import Training

/// The accurate recipe end to end on phantoms, with a small network.
@Suite struct AccurateRecipeTests {
  private func options(
    epochs: Int, _ change: (inout TrainingOptions) -> Void = { _ in }
  ) -> TrainingOptions {
    var options = TrainingOptions(preset: .accurate)
    options.network.architecture.vnet!.filters = 4
    options.network.architecture.vnet!.downscaleBlocks = [1, 1]
    options.network.architecture.vnet!.upscaleBlocks = [1, 1]
    options.epochs = epochs
    options.warmUpSteps = 2
    // Another spacing than the phantoms': predictions are resampled, too.
    options.sampling.patches!.wishes = PlanWishes(
      spacing: [1.2, 0.9, 1.1], patchShape: [24, 24, 24], batchSize: 2)
    options.sampling.patches!.validationInterval = 2
    options.sampling.patches!.leastSteps = 3
    options.sampling.patches!.length!.warmUpShare = nil
    change(&options)
    return options
  }

  private func dataset(_ folder: String, cases: Int = 5, channels: Int = 1) throws -> Dataset {
    try PhantomDataset.write(
      PhantomConfiguration(
        caseCount: cases, testCaseCount: 0, seed: 3, channelCount: channels, classCount: 2 + channels % 2),
      to: folder + "/data")
  }

  private func train(
    _ dataset: Dataset, _ folder: String, _ options: TrainingOptions, resume: Bool = false,
    executor: CPUExecutor? = nil, cacheByteLimit: Int = 1 << 30
  ) throws -> RecordingObserver {
    let session = try TrainingSession(
      survey: DatasetSurvey(dataset), folder: ModelFolder(folder), options: options, resume: resume,
      executor: try executor ?? CPUExecutor(threadCount: 1), cacheByteLimit: cacheByteLimit)
    var observer = RecordingObserver()
    try session.run(reporting: &observer)
    return observer
  }

  private func tensors(_ folder: String) throws -> [String: SafetensorsTensor] {
    try SafetensorsFile(contentsOf: ModelFolder(folder).checkpointPath(.last)).tensors
  }

  @Test func resumedEqualsUninterrupted() throws {
    try withTemporaryFolder { folder in
      let dataset = try dataset(folder)
      // One executor: what it measures may come out otherwise at the next time.
      let executor = try CPUExecutor(threadCount: 1)
      func run(_ name: String, epochs: Int, resume: Bool = false) throws -> RecordingObserver {
        let options = options(epochs: epochs) { $0.schedule = .constant }
        return try train(dataset, folder + "/" + name, options, resume: resume, executor: executor)
      }
      let whole = try run("whole", epochs: 3)
      let begun = try run("parts", epochs: 1)
      let resumed = try run("parts", epochs: 3, resume: true)
      #expect(begun.losses + resumed.losses == whole.losses)
      #expect(try tensors(folder + "/whole") == tensors(folder + "/parts"))
    }
  }

  /// A run that begins is as long as was planned; one that goes on, as its record says or as is asked for.
  @Test func aPlannedLengthIsKept() throws {
    try withTemporaryFolder { folder in
      let dataset = try dataset(folder)
      let voxels = 2.0 * 24 * 24 * 24
      let planned = options(epochs: 3) {
        $0.fold = Fold(0, of: 2)
        $0.sampling.patches!.leastSteps = 12
        $0.sampling.patches!.length = LengthRule(
          voxelCount: 12 * voxels, freeVoxelCount: 35 * voxels, warmUpShare: 0.1)
      }
      let observer = try train(dataset, folder + "/m", planned)
      #expect(observer.epochs.count == 1 && observer.losses.count == 12)
      let record = try Checkpoint(ModelFolder(folder + "/m")).record
      #expect(record.options.epochs == 1 && record.options.warmUpSteps == 1)
      #expect(record.plan?.length?.epochs == 1 && record.plan?.length?.fullEpochs == 3)
      #expect(record.plan!.summary.contains("--epochs 3"))
      var longer = record.options
      longer.epochs = 2
      #expect(try train(dataset, folder + "/m", longer, resume: true).epochs.count == 1)
      #expect(try Checkpoint(ModelFolder(folder + "/m")).record.options.epochs == 2)
    }
  }

  /// The cases that a fold measures have no part in its plan.
  @Test(arguments: [0, 1])
  func plansRestOnTheCasesThatTrain(_ fold: Int) throws {
    try withTemporaryFolder { folder in
      let dataset = try dataset(folder)
      let forecast = try TrainingForecast(
        survey: DatasetSurvey(dataset), continuing: nil,
        options: options(epochs: 1) { $0.fold = Fold(fold, of: 2) }, executor: CPUExecutor(threadCount: 1))
      let record = forecast.record
      let training = dataset.training.filter { record.trainingCases.contains($0.name) }
      #expect(!training.isEmpty && training.count < dataset.training.count)
      let fingerprint = try DatasetFingerprint(
        DatasetSurvey(dataset), of: training, record.options.orientation)
      #expect(record.plan?.fingerprint == fingerprint)
    }
  }

  /// Cases that are read again for each batch give what cases in memory give.
  @Test func theCachesLimitChangesNothing() throws {
    try withTemporaryFolder { folder in
      let dataset = try dataset(folder)
      let executor = try CPUExecutor(threadCount: 1)
      let kept = try train(dataset, folder + "/kept", options(epochs: 2), executor: executor)
      let read = try train(
        dataset, folder + "/read", options(epochs: 2), executor: executor, cacheByteLimit: 0)
      #expect(kept.losses == read.losses)
      #expect(try tensors(folder + "/kept") == tensors(folder + "/read"))
    }
  }

  @Test func validationComesEverySoManyEpochsAndAtTheEnd() throws {
    try withTemporaryFolder { folder in
      let observer = try train(try dataset(folder), folder + "/m", options(epochs: 3))
      #expect(observer.epochs.map(\.validationDice.isEmpty) == [true, false, false])
      #expect(observer.epochs.allSatisfy { $0.waitingSeconds != nil })
    }
  }

  /// A phantom of two channels and other classes, in patches smaller than the scans: whole scans, windows and mirrored
  /// ones give masks in the scans' own geometry.
  @Test(arguments: [1, 2])
  func learnsAndPredictsOtherData(_ channels: Int) throws {
    try withTemporaryFolder { folder in
      let dataset = try dataset(folder, cases: 6, channels: channels)
      let observer = try train(
        dataset, folder + "/m",
        options(epochs: 50) {
          $0.network.architecture.vnet!.filters = 8
          $0.fold = Fold(0, of: 3)
          $0.baseLearningRate = 1e-2
          $0.weightAverage = WeightAverage(decay: 0.9)
          // The phantom's classes differ by where they lie, too.
          $0.sampling.patches!.augmentation.turnOff(.flip)
        })
      #expect(observer.epochs.last!.foregroundDice! > 0.4, "\(observer.epochs.last!)")
      let model = try SegmentationModel(
        ModelFolder(folder + "/m"), executor: try CPUExecutor(threadCount: 1))
      #expect(model.record.plan?.patchShape == [24, 24, 24])
      let cases = try model.record.cases(of: .validation, in: dataset)
      #expect(cases.count == 2)
      let plain = try Predictor(model).evaluate(cases)
      #expect(plain.meanForegroundDice! > 0.4)
      // Trained without mirroring, it would see nothing in mirrored scans.
      #expect(throws: SegmentationError.viewNotTrained(model: "the model of \(dataset.name)")) {
        try Predictor([model], options: PredictionOptions(views: [.mirrored(axes: [0])]))
      }
      let byWindows = try Predictor([model], options: PredictionOptions(wholeScanLimit: 0))
      let windowed = try byWindows.evaluate(cases)
      #expect(windowed != plain && abs(windowed.meanForegroundDice! - plain.meanForegroundDice!) < 0.2)
      let scan = try Image(contentsOf: cases[0].imagePaths).volume()
      let (probabilities, mask) = try byWindows.probabilitiesAndMask(of: scan)
      #expect(try byWindows.mask(of: scan) == mask && mask == probabilities.mostProbableClasses())
    }
  }

  @Test func anEnsembleAveragesItsModels() throws {
    try withTemporaryFolder { folder in
      let dataset = try dataset(folder)
      for fold in 0..<2 {
        _ = try train(
          dataset, ModelFolder(folder + "/m").fold(fold).path,
          options(epochs: 1) { $0.fold = Fold(fold, of: 2) })
      }
      let folders = try ModelFolder(folder + "/m").models()
      #expect(folders.map(\.path) == [folder + "/m/fold-0", folder + "/m/fold-1"])
      let models = try folders.map { try SegmentationModel($0, executor: try CPUExecutor(threadCount: 1)) }
      let scan = try Image(contentsOf: dataset.training[0].imagePaths).volume()
      let parts = try models.map { try Predictor($0).probabilitiesAndMask(of: scan).probabilities }
      let mean = try Predictor(models).probabilitiesAndMask(of: scan).probabilities
      #expect(mean.size == scan.size && mean.channelCount == 4)
      // Several models are measured on the scan's own grid.
      let entry = dataset.training[0]
      let truth = try Image(contentsOf: entry.labelPath!).labelVolume()
      var softDice = SoftDice(classCount: 4)
      softDice.add(probabilities: mean.networkOrdered, labels: truth.networkOrdered[...])
      let measured = try Predictor(models).evaluate([entry]).cases[0].classes
      #expect(measured.map(\.softDice) == Array(softDice.values.dropFirst()))
      // Plane by plane, window by window, the mask is that of the whole.
      let windowed = try Predictor(models, options: PredictionOptions(wholeScanLimit: 0))
      #expect(
        try windowed.mask(of: scan)
          == windowed.probabilitiesAndMask(of: scan).probabilities.mostProbableClasses())
      for index in stride(from: 0, to: mean.voxels.count, by: 97) {
        #expect(abs(mean.voxels[index] - (parts[0].voxels[index] + parts[1].voxels[index]) / 2) < 1e-6)
      }
    }
  }

  @Test func whatCannotBeIsSaid() throws {
    try withTemporaryFolder { folder in
      let dataset = try dataset(folder, cases: 3)
      func message(_ change: (inout TrainingOptions) -> Void) -> String {
        do {
          _ = try train(dataset, folder + "/m", options(epochs: 1, change))
          return ""
        } catch {
          return "\(error)"
        }
      }
      #expect(message { $0.fold = Fold(0, of: 5) }.contains("folds"))
      #expect(message { $0.network.architecture.vnet!.padding = .valid }.contains("--padding"))
      #expect(message { $0.loss.classWeights = [1, 2] }.contains("--class-weights"))
      #expect(message { $0.sampling.patches!.wishes.patchShape = [20, 20, 21] }.contains("--input-shape"))
    }
  }
}
