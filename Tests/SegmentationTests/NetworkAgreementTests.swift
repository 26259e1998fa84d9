import CPUBackend
import Networks
import SeededRandom
import Segmentation
import TensorGraph
import Testing
import Training

/// Whole networks of every structure on the CPU backend against the reference interpreter.
@Suite struct NetworkAgreementTests {
  enum Structure: String, CaseIterable {
    case hippocampus, milletari, unpadded, severalChannels, maxPooled, plain, fullResolutionSkip
    case instanceNorm, residualUNet, deepSupervision

    var network: Network {
      var network = preset.network
      network.inputShape = self == .unpadded ? [20, 18, 18] : [16, 8, 8]
      if self == .severalChannels { (network.inputChannels, network.classCount) = (3, 5) }
      switch self {
      case .residualUNet, .deepSupervision: network.architecture = .residualUNet(residualUNet)
      default: network.architecture = .vnet(vnet(network.architecture.vnet!))
      }
      return network
    }

    private var preset: Preset {
      switch self {
      case .milletari: .milletari
      case .unpadded: .unpadded
      default: .hippocampus
      }
    }

    private func vnet(_ preset: VNetConfiguration) -> VNetConfiguration {
      var c = preset
      c.filters = 4
      c.convolutionSize = 3
      c.downscaleBlocks = self == .unpadded ? [1] : [2, 1]
      c.upscaleBlocks = [.milletari, .fullResolutionSkip].contains(self) ? [2, 1] : [1]
      if self == .maxPooled { c.pooling = .maxPool }
      if self == .plain { (c.activation, c.normalizationLayer) = (.none, .none) }
      if self == .instanceNorm { (c.activation, c.normalizationLayer) = (.leakyReLU, .instanceNorm) }
      return c
    }

    private var residualUNet: ResidualUNetConfiguration {
      ResidualUNetConfiguration(filters: 4, stages: 3, usesDeepSupervision: self == .deepSupervision)
    }
  }

  private func random(_ type: TensorType, _ seed: UInt64, classes: Int? = nil) -> Tensor {
    var generator = SplitMix64(seed: seed)
    return Tensor(
      type,
      (0..<type.shape.elementCount).map { _ in
        classes.map { Float(generator.next() % UInt64($0)) } ?? Float(4 * generator.nextUnit() - 2)
      })
  }

  private func difference(_ found: Tensor, _ expected: Tensor) -> Float {
    guard found.type == expected.type else { return .infinity }
    let largest = expected.elements.map(abs).max() ?? 0
    return zip(found.elements, expected.elements).map { abs($0 - $1) }.max()! / max(largest, 1e-2)
  }

  /// A train step, a second one on its outcome, and the prediction of the weights that result.
  @Test(arguments: Structure.allCases)
  func stepsAndPredictionAgree(_ structure: Structure) throws {
    let model = try structure.network.validated()
    let graphs = ModelGraphs(
      network: model, loss: .dice(), optimizer: .sgd(momentum: 0.9), clipNorm: 0.5)
    let executors: [any Executor] = [try CPUExecutor(threadCount: 1), Interpreter()]
    let start = try graphs.initialTensors(seed: 4)
    let step = try graphs.trainStep(batchSize: 2)
    let image = random(TensorType(.f32, model.imageShape(batchSize: 2)), 1)
    let label = random(
      TensorType(.i32, model.labelShape(batchSize: 2)), 2, classes: structure.network.classCount)
    let inputs = ["image": image, "label": label, "learning_rate": Tensor(scalar: 0.05)]
    let found = try executors.map { executor in
      try executor.load(start)
      let executable = try executor.compile(step)
      let first = try executable.run(inputs)
      let second = try executable.run(inputs)
      let prediction = try executor.compile(try graphs.prediction(batchSize: 2)).run(["image": image])
      return [first, second, prediction, try executor.fetch(Array(start.keys))]
    }
    for (cpu, reference) in zip(found[0], found[1]) {
      #expect(Set(cpu.keys) == Set(reference.keys))
      for (name, expected) in reference {
        #expect(difference(cpu[name]!, expected) < 2e-4, "\(structure), \(name)")
      }
    }
    let moved = found[1][3].count { $0.value != start[$0.key] }
    #expect(moved > start.count / 2, "the weights have moved")
  }
}
