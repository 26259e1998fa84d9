import CPUBackend
import Foundation
import MedicalImaging
import Networks
import SeededRandom
import Segmentation
import Testing
import Training

/// Runs `body` with the path of a new empty folder, which is removed afterwards.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: url) }
  return try body(url.path)
}

/// Sees a run go by.
struct RecordingObserver: TrainingObserver {
  var losses: [Double] = []
  var epochs: [EpochRecord] = []

  mutating func epochBegins(_ epoch: Int) {}
  mutating func stepEnded(_ step: TrainingStep) { losses.append(step.loss) }
  mutating func epochEnded(_ record: EpochRecord) { epochs.append(record) }
}

/// A small and fast run.
func smallOptions(epochs: Int, _ change: (inout TrainingOptions) -> Void = { _ in }) -> TrainingOptions {
  var options = TrainingOptions()
  options.network.architecture.vnet!.filters = 4
  options.network.inputShape = [16, 16, 16]
  options.epochs = epochs
  options.sampling = .wholeGrid(flips: true)
  options.optimizer = .adam
  options.baseLearningRate = 1e-3
  options.trainingFraction = 0.75
  change(&options)
  return options
}

@Suite struct TrainingSessionTests {
  private func dataset(_ folder: String, cases: Int = 7, channels: Int = 1) throws -> Dataset {
    try PhantomDataset.write(
      PhantomConfiguration(caseCount: cases, testCaseCount: 1, seed: 3, channelCount: channels),
      to: folder + "/data")
  }

  private func train(
    _ dataset: Dataset, _ folder: String, _ options: TrainingOptions, resume: Bool = false,
    threads: Int = 1
  ) throws -> RecordingObserver {
    let session = try TrainingSession(
      survey: DatasetSurvey(dataset), folder: ModelFolder(folder), options: options, resume: resume,
      executor: try CPUExecutor(threadCount: threads))
    var observer = RecordingObserver()
    try session.run(reporting: &observer)
    return observer
  }

  private func bytes(_ folder: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: ModelFolder(folder).checkpointPath(.last)))
  }

  private func tensors(_ folder: String) throws -> [String: SafetensorsTensor] {
    try SafetensorsFile(contentsOf: ModelFolder(folder).checkpointPath(.last)).tensors
  }

  @Test func learns() throws {
    try withTemporaryFolder { folder in
      let observer = try train(try dataset(folder, cases: 12), folder + "/m", smallOptions(epochs: 25))
      #expect(observer.losses.count == 25 * 5)
      #expect(observer.epochs.last!.loss! < 0.6 * observer.epochs[0].loss!)
      #expect(observer.epochs.last!.foregroundDice! > 0.4)
    }
  }

  @Test(arguments: [1, 2])
  func oneSeedGivesOneResult(_ threads: Int) throws {
    try withTemporaryFolder { folder in
      let dataset = try dataset(folder)
      let options = smallOptions(epochs: 2)
      let first = try train(dataset, folder + "/a", options, threads: threads)
      let second = try train(dataset, folder + "/b", options, threads: threads)
      #expect(first.losses == second.losses)
      #expect(try tensors(folder + "/a") == tensors(folder + "/b"))
      let other = try train(dataset, folder + "/c", smallOptions(epochs: 2) { $0.seed = 1 }, threads: threads)
      #expect(first.losses != other.losses)
    }
  }

  @Test(
    arguments: [.rmsprop(momentum: 0.9), .adam, .adamw(weightDecay: 0.1), .sgd(momentum: 0.9)] as [Optimizer])
  func resumedEqualsUninterrupted(_ optimizer: Optimizer) throws {
    try withTemporaryFolder { folder in
      let dataset = try dataset(folder)
      let options = smallOptions(epochs: 3) {
        $0.optimizer = optimizer
        $0.clipNorm = 1
      }
      let whole = try train(dataset, folder + "/whole", options)
      var shorter = options
      shorter.epochs = 1
      let begun = try train(dataset, folder + "/parts", shorter)
      let resumed = try train(dataset, folder + "/parts", options, resume: true)
      #expect(begun.losses + resumed.losses == whole.losses)
      #expect(try tensors(folder + "/whole") == tensors(folder + "/parts"))
      #expect(
        try Checkpoint(ModelFolder(folder + "/parts")).record.history.map(\.loss)
          == Checkpoint(ModelFolder(folder + "/whole")).record.history.map(\.loss))
    }
  }

  /// A process that ends within an epoch goes on behind its last checkpoint there, bit for bit: here in the second of two
  /// epochs of five steps, after a checkpoint behind every step.
  @Test(arguments: 6...9)
  func resumedWithinAnEpochEqualsUninterrupted(_ stepCount: Int) throws {
    struct Killed: Error {}
    struct KillingObserver: TrainingObserver {
      var stepsLeft: Int
      mutating func epochBegins(_ epoch: Int) {}
      mutating func stepEnded(_ step: TrainingStep) throws {
        stepsLeft -= 1
        if stepsLeft < 0 { throw Killed() }
      }
      mutating func epochEnded(_ record: EpochRecord) {}
    }
    try withTemporaryFolder { folder in
      let dataset = try dataset(folder, cases: 12)
      let options = smallOptions(epochs: 2) { $0.schedule = .cosine }
      let whole = try train(dataset, folder + "/whole", options)
      func session(resume: Bool) throws -> TrainingSession {
        try TrainingSession(
          survey: DatasetSurvey(dataset), folder: ModelFolder(folder + "/parts"), options: options,
          resume: resume, executor: try CPUExecutor(threadCount: 1), checkpointInterval: .zero)
      }
      var killing = KillingObserver(stepsLeft: stepCount)
      do {
        try session(resume: false).run(reporting: &killing)
        Issue.record("the run was not ended")
      } catch is Killed {}
      let partial = try Checkpoint(ModelFolder(folder + "/parts")).record
      #expect(partial.epoch == 1 && partial.partialEpoch?.stepCount == stepCount - 5)

      var observer = RecordingObserver()
      try session(resume: true).run(reporting: &observer)
      #expect(observer.losses == Array(whole.losses.dropFirst(stepCount)))
      #expect(try tensors(folder + "/parts") == tensors(folder + "/whole"))
      let record = try Checkpoint(ModelFolder(folder + "/parts")).record
      #expect(record.partialEpoch == nil && record.history.map(\.loss) == whole.epochs.map(\.loss))
    }
  }

  /// The last few, each what the last one was after its epoch; over a resumption, and with checkpoints within epochs.
  @Test func earlierCheckpointsAreKept() throws {
    try withTemporaryFolder { folder in
      let dataset = try dataset(folder)
      let model = ModelFolder(folder + "/m")
      func run(epochs: Int, keep: Int, resume: Bool) throws {
        let session = try TrainingSession(
          survey: DatasetSurvey(dataset), folder: model, options: smallOptions(epochs: epochs),
          resume: resume,
          executor: try CPUExecutor(threadCount: 1), checkpointInterval: .zero, keptCheckpoints: keep)
        var observer = RecordingObserver()
        try session.run(reporting: &observer)
      }
      try run(epochs: 1, keep: 2, resume: false)
      let first = try Checkpoint(model)
      #expect(model.keptEpochs == [])
      try run(epochs: 3, keep: 2, resume: true)
      #expect(model.keptEpochs == [1, 2])
      let kept = try Checkpoint(contentsOf: model.keptCheckpointPath(afterEpochs: 1))
      #expect(kept.record == first.record && kept.tensors == first.tensors)
      try run(epochs: 5, keep: 2, resume: true)
      #expect(model.keptEpochs == [3, 4])
      #expect(try Checkpoint(contentsOf: model.keptCheckpointPath(afterEpochs: 4)).record.epoch == 4)
    }
  }

  @Test func bestCheckpointIsKept() throws {
    try withTemporaryFolder { folder in
      _ = try train(try dataset(folder), folder + "/m", smallOptions(epochs: 4))
      let last = try Checkpoint(ModelFolder(folder + "/m"), .last).record
      let best = try Checkpoint(ModelFolder(folder + "/m"), .best).record
      #expect(best.epoch == last.bestEpoch! + 1)
      #expect(last.epoch == 4)
    }
  }

  /// The last checkpoint never tells of a best one that is not there: where that cannot be written, the epoch does not count.
  @Test func aBestCheckpointThatCouldNotBeWrittenIsMadeUpFor() throws {
    try withTemporaryFolder { folder in
      let dataset = try dataset(folder)
      _ = try train(dataset, folder + "/whole", smallOptions(epochs: 3))
      _ = try train(dataset, folder + "/m", smallOptions(epochs: 1))
      let best = ModelFolder(folder + "/m").checkpointPath(.best)
      // No file takes a folder's place.
      try FileManager.default.removeItem(atPath: best)
      try FileManager.default.createDirectory(atPath: best, withIntermediateDirectories: false)
      let message = refusal { _ = try train(dataset, folder + "/m", smallOptions(epochs: 3), resume: true) }
      #expect(message?.hasPrefix(best) == true, "\(message ?? "none")")
      #expect(try Checkpoint(ModelFolder(folder + "/m")).record.epoch == 1)

      try FileManager.default.removeItem(atPath: best)
      _ = try train(dataset, folder + "/m", smallOptions(epochs: 3), resume: true)
      #expect(try tensors(folder + "/m") == tensors(folder + "/whole"))
      let record = try Checkpoint(ModelFolder(folder + "/m"), .best).record
      let dice = try Checkpoint(ModelFolder(folder + "/m")).record.history.dropFirst().map {
        $0.foregroundDice!
      }
      #expect(record.history.last!.foregroundDice! == dice.max()!)
    }
  }

  @Test func aMissingBestCheckpointIsSaidToBeMissing() throws {
    try withTemporaryFolder { folder in
      _ = try train(try dataset(folder), folder + "/m", smallOptions(epochs: 1))
      let model = ModelFolder(folder + "/m")
      try FileManager.default.removeItem(atPath: model.checkpointPath(.best))
      let message = refusal { _ = try Checkpoint(model, .best) }
      #expect(message?.contains("no best checkpoint") == true)
    }
  }

  @Test func clippingTakesEffect() throws {
    try withTemporaryFolder { folder in
      let dataset = try dataset(folder)
      let clipped = smallOptions(epochs: 1) {
        $0.optimizer = .sgd()
        $0.clipNorm = 1e-6
      }
      let observer = try train(dataset, folder + "/m", clipped)
      let free = try train(
        dataset, folder + "/n", smallOptions(epochs: 1) { $0.optimizer = .sgd() })
      #expect(observer.losses[0] == free.losses[0])
      #expect(observer.losses.last! != free.losses.last!)
    }
  }

  @Test(arguments: [Preset.milletari, .unpadded])
  func otherPresetsTrainAndPredict(_ preset: Preset) throws {
    try withTemporaryFolder { folder in
      let dataset = try dataset(folder, cases: 3, channels: 2)
      var options = TrainingOptions(preset: preset)
      options.network.architecture.vnet!.filters = 2
      options.network.architecture.vnet!.convolutionSize = 3
      options.network.inputShape = preset == .unpadded ? [44, 44, 44] : [16, 16, 16]
      options.epochs = 1
      options.trainingFraction = 0.67
      let observer = try train(dataset, folder + "/m", options)
      #expect(observer.epochs[0].validationDice.count == 3)
      let model = try SegmentationModel(
        ModelFolder(folder + "/m"), executor: try CPUExecutor(threadCount: 1))
      let evaluation = try Predictor(model).evaluate(dataset.training)
      #expect(evaluation.cases.map(\.caseName) == dataset.training.map(\.name))
    }
  }

  // MARK: Refusals

  private func refusal(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func anEarlierModelIsNotOverwritten() throws {
    try withTemporaryFolder { folder in
      let dataset = try dataset(folder, cases: 3)
      _ = try train(dataset, folder + "/m", smallOptions(epochs: 1))
      let before = try bytes(folder + "/m")
      let message = refusal { _ = try train(dataset, folder + "/m", smallOptions(epochs: 2)) }
      #expect(message?.contains("--resume") == true)
      let done = refusal { _ = try train(dataset, folder + "/m", smallOptions(epochs: 1), resume: true) }
      #expect(done?.contains("--epochs") == true)
      #expect(try bytes(folder + "/m") == before)
    }
  }

  @Test func divergenceLeavesTheCheckpoint() throws {
    try withTemporaryFolder { folder in
      let dataset = try dataset(folder, cases: 3)
      // Without batch norm nothing tames what the learning rate does to the weights.
      let unstable: (inout TrainingOptions) -> Void = {
        $0.optimizer = .sgd()
        $0.network.architecture.vnet!.normalizationLayer = .none
      }
      _ = try train(dataset, folder + "/m", smallOptions(epochs: 1, unstable))
      let path = ModelFolder(folder + "/m").checkpointPath(.last)
      var checkpoint = try Checkpoint(contentsOf: path)
      checkpoint.record.options.baseLearningRate = 1e38
      try checkpoint.write(to: path)
      let before = try bytes(folder + "/m")
      let options = smallOptions(epochs: 3, unstable)
      let message = refusal { _ = try train(dataset, folder + "/m", options, resume: true) }
      #expect(message?.contains("--base-lr") == true, "\(message ?? "none")")
      #expect(try bytes(folder + "/m") == before)
    }
  }

  @Test func damagedCheckpointsAreRefused() throws {
    try withTemporaryFolder { folder in
      let dataset = try dataset(folder, cases: 3)
      _ = try train(dataset, folder + "/m", smallOptions(epochs: 1))
      let model = ModelFolder(folder + "/m")
      let path = model.checkpointPath(.last)
      var good = try SafetensorsFile(contentsOf: path)
      // As earlier versions wrote them, without checksums: what follows is noticed all the same.
      good.metadata["vnet.crc32"] = nil
      try good.write(to: path)
      _ = try Checkpoint(model)
      func expectRefusal(_ word: String, _ change: (inout SafetensorsFile) -> Void) throws {
        var file = good
        change(&file)
        try file.write(to: path)
        let message = refusal { _ = try SegmentationModel(model, executor: try CPUExecutor(threadCount: 1)) }
        #expect(message?.contains(word) == true && message?.contains(path) == true, "\(message ?? "none")")
      }
      try expectRefusal("lacks the tensor") { $0.tensors["input/conv/bias"] = nil }
      try expectRefusal("not tensor") {
        $0.tensors["input/conv/bias"] = SafetensorsTensor(shape: [3], floats: [0, 0, 0])
      }
      try expectRefusal("not finite") {
        $0.tensors["input/conv/bias"] = SafetensorsTensor(shape: [4], floats: [0, .nan, 0, 0])
      }
      try expectRefusal("not a V-Net checkpoint") { $0.metadata = [:] }
      try expectRefusal("does not parse") { $0.metadata["vnet"] = "{" }
      try expectRefusal("does not parse") {
        $0.metadata["vnet"] = $0.metadata["vnet"]!.replacingOccurrences(of: "\"optimizer\"", with: "\"o\"")
      }
      try expectRefusal("it is of version 3, this program reads up to 2") {
        $0.metadata["vnet"] = $0.metadata["vnet"]!.replacingOccurrences(
          of: "\"version\":2", with: "\"version\":3")
      }
    }
  }

  /// Wherever a bit flips, the checkpoint is refused: in a tensor, in the record, in the checksums.
  @Test func flippedBitsAreNoticed() throws {
    try withTemporaryFolder { folder in
      _ = try train(try dataset(folder, cases: 3), folder + "/m", smallOptions(epochs: 1))
      let path = ModelFolder(folder + "/m").checkpointPath(.last)
      let good = [UInt8](try bytes(folder + "/m"))
      let header = 8 + Int(good[0]) + Int(good[1]) << 8 + Int(good[2]) << 16
      let text = String(decoding: good[8..<header], as: UTF8.self)
      var generator = SplitMix64(seed: 1)
      var places = (0..<40).map { _ in Int.random(in: header..<good.count, using: &generator) }
      for word in ["validationDice", "\\\"record\\\":"] {
        let start = try #require(text.range(of: word))
        places.append(8 + text.utf8.distance(from: text.startIndex, to: start.upperBound) + 2)
      }
      for place in places {
        var damaged = good
        damaged[place] ^= 1 << UInt8.random(in: 0..<3, using: &generator)
        try Data(damaged).write(to: URL(fileURLWithPath: path))
        let message = refusal { _ = try Checkpoint(contentsOf: path) }
        #expect(message?.hasPrefix(path) == true, "\(place): \(message ?? "none")")
      }
    }
  }

  @Test func aMaskOfAnotherShapeIsNamed() throws {
    try withTemporaryFolder { folder in
      let dataset = try dataset(folder, cases: 3)
      let labels = dataset.training.map { $0.labelPath! }
      try FileManager.default.removeItem(atPath: labels[0])
      try FileManager.default.copyItem(atPath: labels[1], toPath: labels[0])
      let message = refusal { _ = try train(dataset, folder + "/m", smallOptions(epochs: 1)) }
      #expect(message?.contains(labels[0]) == true)
      #expect(!FileManager.default.fileExists(atPath: folder + "/m"))
    }
  }
}
