import MedicalImaging
import Networks
import PJRTBackend
import Segmentation
import TensorGraph
import Testing
import Training

/// The second network on XLA's plugin, against the interpreter and through a whole run.
@Suite(.serialized, .enabled(if: CPUPlugin.isThere, CPUPlugin.whereToGetIt)) struct ResidualUNetTests {
  private func network() throws -> Network {
    try Network(
      inputShape: [8, 8, 8], inputChannels: 1, classCount: 3,
      architecture: .residualUNet(
        ResidualUNetConfiguration(filters: 4, stages: 3, usesDeepSupervision: true))
    ).validated()
  }

  private func losses(_ executor: any Executor, _ half: DType?) throws -> [Float] {
    let graphs = ModelGraphs(
      network: try network(), loss: .dice(), optimizer: .rmsprop(), clipNorm: 1, halfDType: half)
    try executor.load(try graphs.initialTensors(seed: 3))
    let step = try executor.compile(try graphs.trainStep(batchSize: 2))
    let count = 2 * 8 * 8 * 8
    let inputs = [
      "image": Tensor([2, 8, 8, 8, 1], (0..<count).map { Float($0 * 7 % 11) / 5 - 1 }),
      "label": Tensor(TensorType(.i32, [2, 8, 8, 8]), (0..<count).map { Float($0 / 5 % 3) }),
      "learning_rate": Tensor(scalar: 1e-3),
    ]
    return try (0..<3).map { _ in try step.run(inputs)["loss"]!.elements[0] }
  }

  @Test(arguments: [(nil, 1e-4), (DType.bf16, 2e-2)] as [(DType?, Float)])
  func stepsFollowTheInterpreter(_ half: DType?, _ tolerance: Float) throws {
    let expected = try losses(Interpreter(), half)
    let found = try losses(try PJRTExecutor(try CPUPlugin.client()), half)
    for (a, b) in zip(found, expected) { #expect(abs(a - b) <= tolerance * abs(b), "\(found) \(expected)") }
  }

  @Test func aRunTrainsValidatesAndPredicts() throws {
    try withTemporaryFolder { folder in
      let dataset = try PhantomDataset.write(
        PhantomConfiguration(caseCount: 4, testCaseCount: 0), to: folder + "/data")
      var options = TrainingOptions()
      options.network.inputShape = [16, 16, 16]
      options.network.architecture = try network().architecture
      options.epochs = 1
      options.trainingFraction = 0.75
      let executor = try PJRTExecutor(try CPUPlugin.client())
      let session = try TrainingSession(
        dataset: dataset, folder: ModelFolder(folder + "/m"), options: options, resume: false,
        executor: executor)
      var observer = Epochs()
      try session.run(reporting: &observer)
      #expect(observer.records.count == 1 && observer.records[0].validationDice.count == 3)
      let model = try SegmentationModel(
        ModelFolder(folder + "/m"), executor: try PJRTExecutor(try CPUPlugin.client()))
      #expect(try model.evaluate(dataset.training).cases.count == 4)
    }
  }

  private struct Epochs: TrainingObserver {
    var records: [EpochRecord] = []
    mutating func epochBegins(_ epoch: Int) {}
    mutating func stepEnded(_ step: TrainingStep) {}
    mutating func epochEnded(_ record: EpochRecord) { records.append(record) }
  }
}
