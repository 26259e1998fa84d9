import Networks
import SeededRandom
import Segmentation
import TensorGraph
import Testing
import Training

/// A small network's steps on the reference interpreter.
@Suite struct ModelGraphsTests {
  private func model() throws -> Network {
    var network = Preset.hippocampus.network
    network.architecture.vnet!.filters = 2
    network.inputShape = [4, 4, 4]
    network.architecture.vnet!.downscaleBlocks = [1]
    network.architecture.vnet!.upscaleBlocks = []
    network.architecture.vnet!.batchNormMomentum = 0.5
    return try network.validated()
  }

  /// Two random images, their labels and a learning rate.
  private func batch(_ model: Network) -> [String: Tensor] {
    var generator = SplitMix64(seed: 2)
    let (shape, labelShape) = (model.imageShape(batchSize: 2), model.labelShape(batchSize: 2))
    let image = (0..<shape.elementCount).map { _ in Float(4 * generator.nextUnit()) }
    let labels = (0..<labelShape.elementCount).map { _ in Float(generator.next() % 3) }
    return [
      "image": Tensor(shape, image), "label": Tensor(TensorType(.i32, labelShape), labels),
      "learning_rate": Tensor(scalar: 0.1),
    ]
  }

  /// Weights and moving statistics alike, by d * average + (1 - d) * parameter with
  /// d = min(decay, (1 + s) / (10 + s)): 1/10 in the first step, 2/11 or the bound in the second.
  @Test(arguments: [0.999, 0.15])
  func stepsAverageWeightsAndMovingStatistics(_ decay: Double) throws {
    let model = try model()
    let graphs = ModelGraphs(
      network: model, loss: .dice(), optimizer: .sgd(), average: WeightAverage(decay: decay))
    let interpreter = Interpreter(try graphs.initialTensors(seed: 1))
    let step = try interpreter.compile(try graphs.trainStep(batchSize: 2))
    let names = try model.parameters().map(\.name)
    let start = try interpreter.fetch(names)
    var wanted = start
    for ramp in [1.0 / 10, 2.0 / 11] {
      _ = try step.run(batch(model))
      let parameters = try interpreter.fetch(names)
      let averages = try interpreter.fetch(names.map { WeightAverage.name(of: $0) })
      let kept = Float(min(decay, ramp))
      for name in names {
        let moved = zip(wanted[name]!.elements, parameters[name]!.elements)
        wanted[name]!.elements = moved.map { kept * $0 + (1 - kept) * $1 }
        let found = averages[WeightAverage.name(of: name)]!.elements
        let differences = zip(found, wanted[name]!.elements).map { abs($0 - $1) }
        #expect(differences.max()! < 1e-5, "\(name)")
      }
      for name in ["input/conv/kernel", "input/norm/mean"] {
        #expect(parameters[name] != start[name], "\(name) has moved")
      }
    }
  }
}
