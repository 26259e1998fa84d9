import Networks
import TensorGraph
import Testing

/// The moving statistics of batch norm, on the reference interpreter.
@Suite struct MovingStatisticsTests {
  private let model: Network
  private let image: Tensor

  init() throws {
    var network = Preset.hippocampus.network
    network.architecture.vnet!.filters = 1
    network.inputShape = [2, 2, 2]
    network.architecture.vnet!.downscaleBlocks = [1]
    network.architecture.vnet!.upscaleBlocks = []
    model = try network.validated()
    image = Tensor([1, 2, 2, 2, 1], [0, 1, 2, 3, 4, 5, 6, 9])
  }

  private func graph(_ mode: ForwardMode) throws -> Graph {
    var builder = GraphBuilder(name: "forward")
    let x = builder.parameter("image", .input, image.type)
    builder.output("logits", try model.forward(&builder, image: x, mode: mode).logits)
    return builder.graph
  }

  /// The weights, with a first convolution that returns the image.
  private func start() throws -> [String: Tensor] {
    var tensors = try model.initialTensors(seed: 1)
    let kernel = tensors["input/conv/kernel"]!
    tensors["input/conv/kernel"]!.elements = kernel.elements.indices.map { $0 == 13 ? 1 : 0 }
    return tensors
  }

  @Test func trainingMovesThemByTheBiasedVariance() throws {
    let interpreter = Interpreter(try start())
    _ = try interpreter.run(try graph(.training), ["image": image])
    let moved = try interpreter.fetch(["input/norm/mean", "input/norm/variance"])
    // The image's mean is 30 / 8, its variance 172 / 8 - 3.75^2 = 7.4375 (8.5 if it were unbiased).
    #expect(abs(moved["input/norm/mean"]!.elements[0] - 0.01 * 3.75) < 1e-6)
    #expect(abs(moved["input/norm/variance"]!.elements[0] - (0.99 + 0.01 * 7.4375)) < 1e-6)
  }

  @Test func inferenceReadsThemAndLeavesThem() throws {
    let interpreter = Interpreter(try start())
    let before = try interpreter.run(try graph(.inference), ["image": image])
    #expect(try interpreter.fetch(["input/norm/mean"])["input/norm/mean"]!.elements == [0])
    try interpreter.load(["input/norm/mean": Tensor([1], [3.75])])
    #expect(try interpreter.run(try graph(.inference), ["image": image]) != before)
  }
}
