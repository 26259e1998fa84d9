import Networks
import SeededRandom
import TensorGraph
import Testing

/// The gradient of whole networks against finite differences, on the reference interpreter.
@Suite struct NetworkGradientTests {
  /// A network that differs from the others in how it is built; small enough for the interpreter.
  enum Structure: String, CaseIterable {
    case hippocampus, milletari, unpadded, severalChannels, maxPooled, plain, instanceNorm
    case residualUNet, deepSupervision

    var network: Network {
      var network = preset.network
      network.inputShape = self == .unpadded ? [18, 18, 18] : [8, 8, 4]
      if self == .severalChannels { network.inputChannels = 2 }
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
      c.filters = 2
      c.convolutionSize = 3
      c.downscaleBlocks = self == .unpadded ? [1] : [2, 1]
      c.upscaleBlocks = self == .milletari ? [1, 1] : [1]
      if self == .maxPooled { c.pooling = .maxPool }
      if self == .plain { (c.activation, c.normalizationLayer) = (.none, .none) }
      if self == .instanceNorm { (c.activation, c.normalizationLayer) = (.leakyReLU, .instanceNorm) }
      return c
    }

    private var residualUNet: ResidualUNetConfiguration {
      var c = ResidualUNetConfiguration(filters: 2, usesDeepSupervision: self == .deepSupervision)
      c.blocks = [1, 2]
      return c
    }

    /// How far the weights move, and the relative difference that is allowed there. Crossed kinks of ReLU and
    /// pooling leave up to 4.4e-3, and the curvature of instance norms over few voxels more; the network without any is
    /// good for 6e-5.
    var finiteDifference: (way: Double, tolerance: Double) {
      switch self {
      case .plain: (2e-3, 3e-4)
      case .instanceNorm, .residualUNet, .deepSupervision: (5e-4, 1.5e-2)
      default: (5e-4, 6e-3)
      }
    }
  }

  /// A loss with its weights and everything that it is run on.
  private struct Problem {
    var graph: Graph
    var weights: [String]
    var start: [String: Tensor]
    var inputs: [String: Tensor]

    init(_ structure: Structure) throws {
      let model = try structure.network.validated()
      var builder = GraphBuilder(name: structure.rawValue)
      let image = builder.parameter("image", .input, TensorType(.f32, model.imageShape(batchSize: 2)))
      let label = builder.parameter("label", .label, TensorType(.i32, model.labelShape(batchSize: 2)))
      let forward = try model.forward(&builder, image: image, mode: .training)
      let loss = try builder.loss(.dice(), of: forward, labels: label)
      builder.output("loss", loss)
      let weights = forward.parameters.filter { $0.kind == .weight }
      let gradients = try builder.gradients(of: loss, withRespectTo: weights.map(\.value))
      for (weight, gradient) in zip(weights, gradients) { builder.output(weight.name, gradient) }
      var random = SplitMix64(seed: 5)
      graph = builder.graph
      self.weights = weights.map(\.name)
      start = try model.initialTensors(seed: 3)
      inputs = [
        "image": Tensor(
          builder.shape(of: image),
          (0..<builder.shape(of: image).elementCount).map { _ in Float(4 * random.nextUnit() - 2) }),
        "label": Tensor(
          builder.type(of: label),
          (0..<builder.shape(of: label).elementCount).map { _ in Float(random.next() % 3) }),
      ]
    }

    func outputs(_ tensors: [String: Tensor]) throws -> [String: Tensor] {
      try Interpreter(tensors).run(graph, inputs)
    }

    /// The loss a way along a direction from the start.
    func loss(_ way: Double, along direction: [String: [Double]]) throws -> Double {
      var moved = start
      for (name, direction) in direction {
        moved[name]!.elements = zip(start[name]!.elements, direction).map { Float(Double($0) + way * $1) }
      }
      return Double(try outputs(moved)["loss"]!.elements[0])
    }
  }

  private func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  /// The slope along the gradient is its norm; a random part shows errors at right angles to it. The directions
  /// of different seeds weigh the layers differently.
  @Test(arguments: Structure.allCases, [1, 2, 3] as [UInt64])
  func directionalDerivativesAgree(_ structure: Structure, _ seed: UInt64) throws {
    let problem = try Problem(structure)
    let outputs = try problem.outputs(problem.start)
    var random = SplitMix64(seed: seed)
    var direction: [String: [Double]] = [:]
    var expected = 0.0
    for name in problem.weights {
      let gradient = outputs[name]!.elements.map(Double.init)
      let size = norm(gradient)
      let noise = gradient.map { _ in 2 * random.nextUnit() - 1 }
      let weight = 0.5 + random.nextUnit()
      // A bias that feeds a batch norm has no gradient: there the direction is random alone.
      let along = zip(gradient, noise).map { weight * ((size > 1e-5 ? $0 / size : 0) + $1 / norm(noise)) }
      direction[name] = along
      expected += zip(gradient, along).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let (way, tolerance) = structure.finiteDifference
    let rise = try problem.loss(way, along: direction) - problem.loss(-way, along: direction)
    let found = rise / (2 * way)
    #expect(abs(found - expected) < tolerance * abs(expected), "\(structure): \(found) and \(expected)")
  }
}
