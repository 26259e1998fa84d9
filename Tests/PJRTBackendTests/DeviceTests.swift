import MedicalImaging
import Networks
import PJRTBackend
import SeededRandom
import Segmentation
import TensorGraph
import Testing
import Training

/// Several devices that train together.
@Suite(.serialized, .enabled(if: CPUPlugin.isThere, CPUPlugin.whereToGetIt)) struct DeviceTests {
  private static let stepCount = 3
  private static let batchSize = 4

  private func network(_ normalization: NormalizationLayer) -> Network {
    var network = Preset.hippocampus.network
    network.inputShape = [8, 8, 8]
    network.architecture.vnet!.filters = 4
    network.architecture.vnet!.downscaleBlocks = [1, 1]
    network.architecture.vnet!.upscaleBlocks = [1]
    network.architecture.vnet!.normalizationLayer = normalization
    return network
  }

  /// Some steps on the same samples; returns the losses and the executor.
  private func train(
    devices: Int, _ normalization: NormalizationLayer,
    afterEachStep: (PJRTExecutor, ModelGraphs) throws -> Void
  ) throws -> (losses: [Float], weights: [String: Tensor]) {
    let executor = try PJRTExecutor(try CPUPlugin.client(), deviceCount: devices)
    let graphs = ModelGraphs(
      network: try network(normalization).validated(), loss: .dice(),
      optimizer: .rmsprop(), clipNorm: 1,
      dataParallel: devices > 1 ? DataParallel() : nil)
    return try train(executor, graphs, devices: devices) { try afterEachStep(executor, graphs) }
  }

  private func train(
    _ executor: any Executor, _ graphs: ModelGraphs, devices: Int = 1, afterEachStep: () throws -> Void = {}
  ) throws -> (losses: [Float], weights: [String: Tensor]) {
    let start = try graphs.initialTensors(seed: 3)
    try executor.load(start)
    let step = try executor.compile(try graphs.trainStep(batchSize: Self.batchSize / devices))
    var losses: [Float] = []
    for index in 0..<Self.stepCount {
      var generator = SplitMix64(seed: UInt64(index))
      let (image, label) = (
        graphs.network.imageShape(batchSize: Self.batchSize),
        graphs.network.labelShape(batchSize: Self.batchSize)
      )
      var inputs = [
        "image": Tensor(image, (0..<image.elementCount).map { _ in Float(generator.nextNormal()) }),
        "label": Tensor(
          TensorType(.i32, label), (0..<label.elementCount).map { _ in Float(generator.next() % 3) }),
        "learning_rate": Tensor(scalar: 1e-3),
      ]
      if devices > 1 { inputs["replica_weight"] = Tensor(scalar: 1) }
      losses.append(try step.run(inputs)["loss"]!.elements[0])
      try afterEachStep()
    }
    return (losses, try executor.fetch(start.keys.sorted()))
  }

  private func relativeDifference(_ a: Tensor, _ b: Tensor) -> Float {
    let largest = max(a.elements.map(abs).max() ?? 0, .leastNormalMagnitude)
    return zip(a.elements, b.elements).map { abs($0 - $1) }.max()! / largest
  }

  @Test(arguments: [2, 4])
  func devicesWithPartsOfABatchEqualOneWithTheWhole(_ devices: Int) throws {
    let whole = try train(devices: 1, .none) { _, _ in }
    let parts = try train(devices: devices, .none) { executor, graphs in
      for name in try graphs.initialTensors(seed: 3).keys {
        let contents = try executor.contents(name)
        let areAlike = contents.allSatisfy { $0 == contents[0] }
        #expect(areAlike, "\(name) differs between devices")
      }
    }
    for (a, b) in zip(whole.losses, parts.losses) { #expect(abs(a - b) <= 1e-5 * abs(a)) }
    for (name, tensor) in whole.weights {
      #expect(relativeDifference(tensor, parts.weights[name]!) <= 1e-5, "\(name)")
    }
  }

  /// As --amp has it: half precision with a dynamic loss scale.
  @Test(arguments: [DType.f16, .bf16])
  func mixedPrecisionFollowsTheInterpreter(_ half: DType) throws {
    let graphs = ModelGraphs(
      network: try network(.batchnorm).validated(), loss: .dice(),
      optimizer: .rmsprop(), clipNorm: 1, lossScale: .dynamic, halfDType: half)
    let expected = try train(Interpreter(), graphs)
    let found = try train(try PJRTExecutor(try CPUPlugin.client()), graphs)
    for (a, b) in zip(found.losses, expected.losses) { #expect(abs(a - b) <= 1e-2 * abs(b)) }
    let scales = expected.weights.keys.filter { $0.contains("loss_scale") }
    #expect(!scales.isEmpty)
    for name in scales { #expect(found.weights[name] == expected.weights[name], "\(name)") }
  }

  /// Batch norm sees each device's own samples; what is fetched is the mean.
  @Test func fetchedStatisticsAreTheMean() throws {
    _ = try train(devices: 2, .batchnorm) { executor, _ in
      let name = "input/norm/mean"
      let contents = try executor.contents(name).map(\.elements)
      #expect(contents[0] != contents[1])
      let fetched = try executor.fetch([name])[name]!.elements
      for (index, mean) in fetched.enumerated() {
        #expect(abs(mean - (contents[0][index] + contents[1][index]) / 2) <= 1e-7)
      }
    }
  }

  /// A whole run, with a batch at the end that the devices cannot divide.
  @Test func aRunOnTwoDevicesEqualsOneOnOne() throws {
    try withTemporaryFolder { folder in
      let dataset = try PhantomDataset.write(
        PhantomConfiguration(caseCount: 6, testCaseCount: 0), to: folder + "/data")
      func losses(devices: Int, _ normalization: NormalizationLayer) throws -> [Double] {
        var options = TrainingOptions()
        options.network = network(normalization)
        options.network.inputShape = [16, 16, 16]
        options.batchSize = 4 / devices
        options.epochs = 2
        let executor = try PJRTExecutor(try CPUPlugin.client(), deviceCount: devices)
        let session = try TrainingSession(
          dataset: dataset, folder: ModelFolder(folder + "/\(normalization) \(devices)"), options: options,
          resume: false, executor: executor)
        var observer = Losses()
        try session.run(reporting: &observer)
        for name in try options.network.validated().parameters().map(\.name) {
          let contents = try executor.contents(name)
          let areAlike = contents.allSatisfy { $0 == contents[0] }
          #expect(areAlike, "\(name) differs between devices after an epoch")
        }
        return observer.epochs
      }
      let one = try losses(devices: 1, .none)
      let two = try losses(devices: 2, .none)
      for (a, b) in zip(one, two) { #expect(abs(a - b) <= 1e-5 * abs(a)) }
      #expect(try losses(devices: 2, .batchnorm).allSatisfy(\.isFinite))
    }
  }

  private struct Losses: TrainingObserver {
    var epochs: [Double] = []
    mutating func epochBegins(_ epoch: Int) {}
    mutating func stepEnded(_ step: TrainingStep) {}
    mutating func epochEnded(_ record: EpochRecord) { epochs.append(record.loss ?? .nan) }
  }

  @Test func moreDevicesThanThereAreAreRefused() throws {
    let client = try CPUPlugin.client()
    #expect(throws: PJRTError.tooFewDevices(asked: 5, found: 4, platform: "cpu")) {
      _ = try PJRTExecutor(client, deviceCount: 5)
    }
  }
}
