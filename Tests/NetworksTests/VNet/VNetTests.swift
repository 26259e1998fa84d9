import Networks
import TensorGraph
import Testing

@Suite struct VNetTests {
  private func network(
    _ preset: Preset = .hippocampus, _ change: (inout VNetConfiguration) -> Void = { _ in }
  ) throws -> Network {
    var network = preset.network
    change(&network.architecture.vnet!)
    return try network.validated()
  }

  /// The reference system's published counts.
  @Test func trainableParameterCounts() throws {
    #expect(try network().trainableParameterCount() == 3_599_747)
    #expect(try network { $0.convolutionSize = 5 }.trainableParameterCount() == 15_949_315)
  }

  @Test func namesAndShapesOfTheReferenceNetwork() throws {
    let shapes = Dictionary(
      uniqueKeysWithValues: try network().parameters().map { ($0.name, $0.type.shape) })
    #expect(shapes["input/conv/kernel"] == [3, 3, 3, 1, 16])
    #expect(shapes["down1/downsample/conv/kernel"] == [2, 2, 2, 16, 32])
    #expect(shapes["down3/conv3/conv/kernel"] == [3, 3, 3, 128, 128])
    #expect(shapes["up1/upsample/conv/kernel"] == [2, 2, 2, 64, 128])
    #expect(shapes["up1/conv1/conv/kernel"] == [3, 3, 3, 128, 128])
    #expect(shapes["up2/conv3/norm/variance"] == [64])
    #expect(shapes["output/upsample/conv/kernel"] == [2, 2, 2, 16, 64])
    #expect(shapes["output/logits/kernel"] == [3, 3, 3, 16, 3])
    #expect(shapes["output/logits/bias"] == [3])
  }

  /// Source: Milletari et al. 2016, figure 2 and table 1.
  @Test func structureOfThePaper() throws {
    let shapes = Dictionary(
      uniqueKeysWithValues: try network(.milletari).parameters().map { ($0.name, $0.type.shape) })
    #expect(shapes["input/conv/kernel"] == [5, 5, 5, 1, 16])
    #expect(shapes["down1/conv2/conv/kernel"] == [5, 5, 5, 32, 32])
    #expect(shapes["down1/conv3/conv/kernel"] == nil)
    #expect(shapes["down4/conv3/conv/kernel"] == [5, 5, 5, 256, 256])
    #expect(shapes["up1/conv3/conv/kernel"] == [5, 5, 5, 256, 256])
    #expect(shapes["up4/conv1/conv/kernel"] == [5, 5, 5, 32, 32])
    #expect(shapes["up4/conv1/activation/alpha"] == [32])
    #expect(shapes["output/logits/kernel"] == [1, 1, 1, 32, 3])
    #expect(!shapes.keys.contains { $0.contains("norm") })
  }

  @Test(arguments: Preset.allCases, [1, 2])
  func logitsHaveTheOutputShape(_ preset: Preset, _ channels: Int) throws {
    var model = try network(preset) { $0.filters = 2 }
    model.inputChannels = channels
    if preset == .milletari { model.inputShape = [32, 16, 16] }
    var builder = GraphBuilder(name: "forward")
    let image = builder.parameter("image", .input, TensorType(.f32, model.imageShape(batchSize: 2)))
    let forward = try model.forward(&builder, image: image, mode: .training)
    #expect(builder.shape(of: forward.logits) == Shape([2] + model.outputShape + [3]))
    let states = forward.parameters.count { $0.kind == .state }
    #expect(builder.graph.updates.count == states)
  }

  @Test func inferenceHasTheSameParametersAndNoUpdates() throws {
    let model = try network()
    var builder = GraphBuilder(name: "inference")
    let image = builder.parameter("image", .input, TensorType(.f32, model.imageShape(batchSize: 1)))
    let forward = try model.forward(&builder, image: image, mode: .inference)
    #expect(builder.graph.updates.isEmpty)
    #expect(forward.parameters.map(\.name) == (try model.parameters().map(\.name)))
  }

  @Test func structuralOptionsChangeTheNetwork() throws {
    let plain = try network {
      $0.activation = .none
      $0.normalizationLayer = .none
    }
    #expect(!(try plain.parameters().contains { $0.name.contains("norm") || $0.name.contains("alpha") }))
    let pooled = try network { $0.pooling = .maxPool }
    let names = try pooled.parameters().map(\.name)
    #expect(!names.contains("down1/downsample/conv/kernel"))
    #expect(names.contains("down1/projection/kernel"))
    let skipped = try network { $0.upscaleBlocks = [3, 3, 1] }
    #expect(try skipped.parameters().contains { $0.name == "up3/conv1/conv/kernel" })
  }

  // MARK: Initialisation

  @Test func kernelsAreGlorotUniform() throws {
    let tensor = try network().initialTensors(seed: 1)["down2/conv1/conv/kernel"]!
    let limit = (6 / Float(27 * (64 + 64))).squareRoot()
    #expect(tensor.elements.allSatisfy { abs($0) <= limit })
    let count = Float(tensor.elements.count)
    let mean = tensor.elements.reduce(0, +) / count
    let variance = tensor.elements.reduce(0) { $0 + $1 * $1 } / count
    #expect(abs(mean) < 0.01 * limit)
    #expect(abs(variance / (limit * limit / 3) - 1) < 0.01)
  }

  @Test func constantsStartWhereTheyShould() throws {
    let tensors = try network(.milletari) { $0.normalizationLayer = .batchnorm }.initialTensors(seed: 1)
    #expect(tensors["input/norm/scale"]!.elements.allSatisfy { $0 == 1 })
    #expect(tensors["input/norm/offset"]!.elements.allSatisfy { $0 == 0 })
    #expect(tensors["input/norm/mean"]!.elements.allSatisfy { $0 == 0 })
    #expect(tensors["input/norm/variance"]!.elements.allSatisfy { $0 == 1 })
    #expect(tensors["input/conv/bias"]!.elements.allSatisfy { $0 == 0 })
    #expect(tensors["input/activation/alpha"]!.elements.allSatisfy { $0 == 0.25 })
  }

  @Test func seedsDecideAndLayersAreIndependent() throws {
    let first = try network().initialTensors(seed: 7)
    #expect(first == (try network().initialTensors(seed: 7)))
    #expect(first != (try network().initialTensors(seed: 8)))
    let deeper = try network { $0.downscaleBlocks = [4, 3, 3] }.initialTensors(seed: 7)
    #expect(first["up2/conv3/conv/kernel"] == deeper["up2/conv3/conv/kernel"])
    #expect(first["down1/conv1/conv/kernel"] != first["down1/conv2/conv/kernel"])
  }
}
