import CPUBackend
import Foundation
import MedicalImaging
import Networks
import Segmentation
import TensorGraph
import Testing
import Training

/// What a training takes of another model, and what it leaves as it was.
@Suite struct FineTuningTests {
  private func dataset(_ folder: String, channels: Int = 1, classes: Int = 2) throws -> Dataset {
    try PhantomDataset.write(
      PhantomConfiguration(
        caseCount: 4, testCaseCount: 0, seed: 3, channelCount: channels, classCount: classes), to: folder)
  }

  @discardableResult private func train(
    _ dataset: Dataset, _ folder: String, _ options: TrainingOptions, from model: InitialModel? = nil
  ) throws -> Checkpoint {
    let session = try TrainingSession(
      survey: DatasetSurvey(dataset), folder: ModelFolder(folder), options: options, resume: false,
      startingFrom: model, executor: try CPUExecutor(threadCount: 1))
    var observer = RecordingObserver()
    try session.run(reporting: &observer)
    return try Checkpoint(ModelFolder(folder))
  }

  @Test(arguments: [nil, WeightAverage(decay: 0.9)])
  func frozenWeightsStayAndOthersLearn(_ average: WeightAverage?) throws {
    try withTemporaryFolder { folder in
      let first = try dataset(folder + "/data")
      let options = smallOptions(epochs: 1) { $0.weightAverage = average }
      let source = try train(first, folder + "/first", options)
      let model = InitialModel(ModelFolder(folder + "/first"))
      let frozen = smallOptions(epochs: 1) {
        $0.frozenPart = .encoder
        $0.weightAverage = average
      }
      let tuned = try train(first, folder + "/tuned", frozen, from: model)
      func predicting(_ checkpoint: Checkpoint, _ name: String) -> Tensor? {
        checkpoint.tensors[average == nil ? name : WeightAverage.name(of: name)]
      }
      let encoder = "down1/conv1/conv/kernel"
      #expect(predicting(tuned, encoder) == predicting(source, encoder))
      #expect(tuned.tensors[encoder] == predicting(source, encoder))
      #expect(predicting(tuned, "up1/conv1/conv/kernel") != predicting(source, "up1/conv1/conv/kernel"))
      #expect(!tuned.tensors.keys.contains { $0.contains(encoder + "/") })
      #expect(tuned.record.origin?.newTensors == [])
      // The model is whole: it opens and predicts.
      _ = try SegmentationModel(ModelFolder(folder + "/tuned"), executor: try CPUExecutor(threadCount: 1))
    }
  }

  @Test func aNewHeadStartsWhereClassesDiffer() throws {
    try withTemporaryFolder { folder in
      try train(try dataset(folder + "/data"), folder + "/first", smallOptions(epochs: 1))
      let other = try dataset(folder + "/other", classes: 3)
      let tuned = try train(
        other, folder + "/tuned", smallOptions(epochs: 1), from: InitialModel(ModelFolder(folder + "/first")))
      let origin = try #require(tuned.record.origin)
      #expect(origin.newTensors == ["output/logits/kernel", "output/logits/bias"])
      #expect(origin.epochs == 1 && origin.takenCount > 30)
    }
  }

  /// With a rate of almost nothing the adapted network answers two equal channels as the model answers one.
  @Test func adaptedChannelsGiveWhatOneGave() throws {
    try withTemporaryFolder { folder in
      // Two and three channels for four filters: both have the projection of the input.
      let first = try train(
        try dataset(folder + "/two", channels: 2), folder + "/first", smallOptions(epochs: 1))
      let three = try dataset(folder + "/three", channels: 3)
      let model = ModelFolder(folder + "/first")
      let options = smallOptions(epochs: 1) { $0.baseLearningRate = 1e-12 }
      #expect(throws: SegmentationError.initialChannelsDiffer(path: model.path, found: 2, expected: 3)) {
        try train(three, folder + "/refused", options, from: InitialModel(model))
      }
      let tuned = try train(
        three, folder + "/tuned", options, from: InitialModel(model, adaptsChannels: true))
      for name in ["input/conv/kernel", "input/projection/kernel"] {
        let (old, new) = (try #require(first.tensors[name]), try #require(tuned.tensors[name]))
        let outputs = old.shape[4]
        for (voxel, output) in [(0, 0), (0, 3), (old.shape.elementCount / (2 * outputs) - 1, 1)] {
          let wanted = (0..<2).reduce(Float(0)) { $0 + old.elements[(voxel * 2 + $1) * outputs + output] }
          let found = (0..<3).map { new.elements[(voxel * 3 + $0) * outputs + output] }
          #expect(abs(found.reduce(0, +) - wanted) < 1e-6 && found.allSatisfy { abs($0 - found[0]) < 1e-6 })
        }
      }
      #expect(tuned.record.origin?.newTensors == [])
    }
  }

  @Test func theRecipeIsThatOfThePresetAtALowerRate() throws {
    try withTemporaryFolder { folder in
      try train(try dataset(folder + "/data"), folder + "/first", smallOptions(epochs: 1))
      let options = try InitialModel(ModelFolder(folder + "/first")).defaultOptions()
      #expect(options.network.architecture.filters == 4 && options.network.inputShape == [16, 16, 16])
      #expect(options.baseLearningRate == TrainingOptions().baseLearningRate / 10)
      #expect(options.epochs == TrainingOptions().epochs && options.optimizer == TrainingOptions().optimizer)
    }
  }
}
