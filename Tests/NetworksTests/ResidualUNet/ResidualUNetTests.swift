import Foundation
import Networks
import TensorGraph
import Testing

@Suite struct ResidualUNetTests {
  private func network(
    _ shape: [Int] = [32, 32, 32], _ configuration: ResidualUNetConfiguration = ResidualUNetConfiguration()
  ) -> Network {
    Network(inputShape: shape, inputChannels: 1, classCount: 3, architecture: .residualUNet(configuration))
  }

  private func shapes(_ network: Network) throws -> [String: Shape] {
    Dictionary(uniqueKeysWithValues: try network.parameters().map { ($0.name, $0.type.shape) })
  }

  // MARK: Structure

  @Test func stagesDoubleTheChannelsUpTo320() throws {
    let network = network([64, 64, 64], ResidualUNetConfiguration(stages: 6))
    let shapes = try shapes(network)
    #expect(network.architecture.residualUNet!.blocks == [1, 3, 4, 6, 6, 6])
    #expect(shapes["stem/conv/kernel"] == [3, 3, 3, 1, 32])
    #expect(shapes["encoder3/block6/conv2/conv/kernel"] == [3, 3, 3, 256, 256])
    #expect(shapes["encoder4/block1/projection/conv/kernel"] == [1, 1, 1, 256, 320])
    #expect(shapes["encoder5/block1/conv1/conv/kernel"] == [3, 3, 3, 320, 320])
    #expect(shapes["encoder0/block1/projection/conv/kernel"] == nil)
    #expect(shapes["decoder4/upsample/kernel"] == [2, 2, 2, 320, 320])
    #expect(shapes["decoder0/conv/kernel"] == [3, 3, 3, 64, 32])
    #expect(shapes["output/logits/kernel"] == [1, 1, 1, 32, 3])
    #expect(!(try network.parameters().contains { $0.kind == .state }))
  }

  @Test func coarserLogitsAreForTrainingAlone() throws {
    let network = network([16, 8, 8], ResidualUNetConfiguration(filters: 2, usesDeepSupervision: true))
    for (mode, coarser) in [(ForwardMode.training, [[8, 4, 4], [4, 2, 2]]), (.inference, [])] {
      var builder = GraphBuilder(name: "forward")
      let image = builder.parameter("image", .input, TensorType(.f32, network.imageShape(batchSize: 2)))
      let forward = try network.forward(&builder, image: image, mode: mode)
      #expect(builder.shape(of: forward.logits) == [2, 16, 8, 8, 3])
      #expect(forward.coarserLogits.map { builder.shape(of: $0) } == coarser.map { Shape([2] + $0 + [3]) })
    }
  }

  @Test func refusals() {
    func refusal(_ shape: [Int], _ change: (inout ResidualUNetConfiguration) -> Void = { _ in }) -> String? {
      var configuration = ResidualUNetConfiguration()
      change(&configuration)
      do throws(ConfigurationError) {
        try network(shape, configuration).validate()
        return nil
      } catch { return error.description }
    }
    #expect(refusal([32, 48, 8]) == nil)
    #expect(
      refusal([32, 44, 32])
        == "--input-shape 32 44 32 does not fit this network; the nearest that do are 32 40 32 and 32 48 32.")
    #expect(refusal([32, 32, 32]) { $0.stages = 1 }?.contains("--stages") == true)
    #expect(refusal([32, 32, 32]) { $0.stages = 0 }?.contains("--stages") == true)
    #expect(refusal([32, 32, 32]) { $0.blocks = [1, 0, 1] }?.contains("--blocks") == true)
    #expect(refusal([32, 32, 32]) { $0.filters = 0 }?.contains("--filters") == true)
  }

  // MARK: Against PyTorch

  /// What Goldens/make_residual_unet_goldens.py wrote.
  private struct Golden: Decodable {
    var loss: Double
    var finestLoss: Double
    var names: [String]
    var parameterCount: Int
    var gradientNorms: [String: Double]
    var gradientProjections: [String: Double]
    var firstProbabilities: [Double]
  }

  /// The script's weights: sines of their positions.
  private func weights(_ parameters: [ModelParameter]) -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for (number, parameter) in parameters.enumerated() {
      let shape = parameter.type.shape
      let fan = Double(shape.extents.prefix(4).reduce(1, *))
      tensors[parameter.name] = Tensor(
        shape,
        (0..<shape.elementCount).map { index in
          let wave = sin(Double(index) * 0.7 + Double(number))
          if parameter.name.hasSuffix("kernel") { return Float(wave * (2 / fan).squareRoot()) }
          return Float(parameter.name.hasSuffix("scale") ? 1 + 0.2 * wave : 0.1 * wave)
        })
    }
    return tensors
  }

  @Test func lossGradientsAndPredictionAreThoseOfPyTorch() throws {
    let url = try #require(Bundle.module.url(forResource: "Goldens/residual_unet", withExtension: "json"))
    let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
    var configuration = ResidualUNetConfiguration(filters: 2, usesDeepSupervision: true)
    configuration.blocks = [1, 2, 1]
    var network = network([8, 8, 4], configuration)
    network.inputChannels = 2
    let parameters = try network.parameters()
    #expect(parameters.map(\.name) == golden.names)
    #expect(try network.trainableParameterCount() == golden.parameterCount)

    var builder = GraphBuilder(name: "golden")
    let image = builder.parameter("image", .input, TensorType(.f32, network.imageShape(batchSize: 2)))
    let label = builder.parameter("label", .label, TensorType(.i32, network.labelShape(batchSize: 2)))
    let forward = try network.forward(&builder, image: image, mode: .training)
    let loss = try builder.loss(.crossEntropy(), of: forward, labels: label)
    builder.output("loss", loss)
    builder.output("finest", try builder.loss(.crossEntropy(), logits: forward.logits, labels: label))
    builder.output("probabilities", try builder.softmax(forward.logits))
    for (weight, gradient) in zip(
      forward.parameters, try builder.gradients(of: loss, withRespectTo: forward.weights))
    { builder.output(weight.name, gradient) }
    let outputs = try Interpreter(weights(parameters)).run(
      builder.graph,
      [
        "image": Tensor(
          builder.shape(of: image),
          (0..<builder.shape(of: image).elementCount).map { Float(sin(Double($0) * 1.3)) }),
        "label": Tensor(
          builder.type(of: label), (0..<builder.shape(of: label).elementCount).map { Float($0 / 3 % 3) }),
      ])

    func close(_ found: Float?, _ expected: Double, _ tolerance: Double) -> Bool {
      abs(Double(found ?? .nan) - expected) <= tolerance
    }
    #expect(close(outputs["loss"]?.elements[0], golden.loss, 1e-5 * golden.loss))
    #expect(close(outputs["finest"]?.elements[0], golden.finestLoss, 1e-5 * golden.finestLoss))
    let probabilities = try #require(outputs["probabilities"]).elements.prefix(
      golden.firstProbabilities.count)
    for (found, expected) in zip(probabilities, golden.firstProbabilities) {
      #expect(close(found, expected, 1e-5))
    }
    for (name, norm) in golden.gradientNorms {
      let gradient = try #require(outputs[name]).elements.map(Double.init)
      let found = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let projection = gradient.enumerated().reduce(0) { $0 + $1.element * cos(Double($1.offset)) }
      let tolerance = 2e-4 * max(norm, 1e-2)
      #expect(abs(found - norm) < tolerance, "\(name): \(found), not \(norm)")
      #expect(abs(projection - golden.gradientProjections[name]!) < tolerance, "\(name)")
    }
  }
}
