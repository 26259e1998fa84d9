import CPUBackend
import Networks
import SeededRandom
import Segmentation
import TensorGraph
import Testing
import Training

/// Whole networks in mixed precision, beside float32. Every instruction set computes bfloat16, if not fast.
@Suite(.serialized) struct MixedPrecisionTrainingTests {
  private func graphs(
    _ preset: Preset, _ halfDType: DType?, _ lossScale: LossScale, convolutionSize: Int = 3
  ) throws -> ModelGraphs {
    var network = preset.network
    network.architecture.vnet!.filters = preset == .hippocampus ? 8 : 4
    network.architecture.vnet!.convolutionSize = convolutionSize
    network.inputShape = preset == .unpadded ? [44, 44, 44] : [16, 16, 16]
    return ModelGraphs(
      network: try network.validated(), loss: .dice(),
      optimizer: .rmsprop(), clipNorm: 1, lossScale: lossScale, halfDType: halfDType)
  }

  /// One batch of balls in noise, the same for every run.
  private func batch(_ model: Network) -> [String: Tensor] {
    var generator = SplitMix64(seed: 4)
    let (shape, labelShape) = (model.imageShape(batchSize: 2), model.labelShape(batchSize: 2))
    let margin = (shape[1] - labelShape[1]) / 2
    var image = (0..<shape.elementCount).map { _ in Float(generator.nextUnit()) }
    var labels = [Float](repeating: 0, count: labelShape.elementCount)
    let (extent, size) = (labelShape[1], shape[1])
    for n in 0..<2 {
      for d in 0..<extent {
        for h in 0..<extent {
          for w in 0..<extent {
            let squares = [d - extent / 2, h - extent / 2, w - extent / 3].map { $0 * $0 }
            let distance = squares.reduce(0, +)
            let label = distance < 9 ? 2 : distance < 20 ? 1 : 0
            labels[((n * extent + d) * extent + h) * extent + w] = Float(label)
            image[((n * size + d + margin) * size + h + margin) * size + w + margin] += Float(label)
          }
        }
      }
    }
    return [
      "image": Tensor(shape, image), "label": Tensor(TensorType(.i32, labelShape), labels),
      "learning_rate": Tensor(scalar: 0.01),
    ]
  }

  private func losses(
    _ graphs: ModelGraphs, on executor: any Executor, steps: Int
  ) throws -> [Double] {
    try executor.load(try graphs.initialTensors(seed: 2))
    let step = try executor.compile(try graphs.trainStep(batchSize: 2))
    let batch = batch(graphs.network)
    return try (0..<steps).map { _ in Double(try step.run(batch)["loss"]!.elements[0]) }
  }

  private func expectClose(_ found: [Double], _ expected: [Double], within share: Double) {
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= share * abs($1) }, "\(found) \(expected)")
  }

  @Test(arguments: Preset.allCases)
  func tenStepsInBfloat16FollowFloat32(_ preset: Preset) throws {
    let wide = try losses(try graphs(preset, nil, .none), on: try CPUExecutor(), steps: 10)
    let half = try losses(try graphs(preset, .bf16, .none), on: try CPUExecutor(), steps: 10)
    expectClose(half, wide, within: 0.02)
    #expect(wide[9] < wide[0] && half != wide)
  }

  /// The deepest grids have 1 and 2 voxels along each axis.
  @Test func filtersWiderThanTheGridFollowFloat32() throws {
    let wide = try losses(
      try graphs(.hippocampus, nil, .none, convolutionSize: 7), on: try CPUExecutor(), steps: 4)
    let half = try losses(
      try graphs(.hippocampus, .bf16, .none, convolutionSize: 7), on: try CPUExecutor(), steps: 4)
    expectClose(half, wide, within: 0.02)
    #expect(half != wide)
  }

  @Test(arguments: [LossScale.fixed(256), .dynamic])
  func scaledStepsFollowUnscaled(_ lossScale: LossScale) throws {
    let plain = try losses(try graphs(.hippocampus, .bf16, .none), on: try CPUExecutor(), steps: 5)
    let scaled = try losses(try graphs(.hippocampus, .bf16, lossScale), on: try CPUExecutor(), steps: 5)
    expectClose(scaled, plain, within: 0.005)
  }

  /// In both dtypes, with correct rounding.
  @Test(arguments: [DType.bf16, .f16])
  func theInterpreterFollowsFloat32(_ dtype: DType) throws {
    let scale: LossScale = dtype == .f16 ? .dynamic : .none
    let wide = try losses(try graphs(.hippocampus, nil, .none), on: Interpreter(), steps: 2)
    let half = try losses(try graphs(.hippocampus, dtype, scale), on: Interpreter(), steps: 2)
    expectClose(half, wide, within: dtype == .f16 ? 0.002 : 0.01)
    #expect(half != wide)
  }

  /// Nested regions, and of the labels one that is ignored.
  @Test(arguments: [DType.bf16, .f16])
  func regionsWithIgnoredVoxelsFollowFloat32(_ dtype: DType) throws {
    func losses(_ halfDType: DType?) throws -> [Double] {
      var network = Preset.hippocampus.network
      network.architecture.vnet!.filters = 2
      network.inputShape = [16, 16, 16]
      network.classCount = 1
      network.targets = Targets(outputs: .regions([[1]], labelCount: 2), hasIgnoredVoxels: true)
      let graphs = ModelGraphs(
        network: try network.validated(), loss: .diceCrossEntropy(), optimizer: .rmsprop(), clipNorm: 1,
        lossScale: halfDType == .f16 ? .dynamic : .none, halfDType: halfDType)
      return try self.losses(graphs, on: Interpreter(), steps: 2)
    }
    let (wide, half) = (try losses(nil), try losses(dtype))
    expectClose(half, wide, within: dtype == .f16 ? 0.002 : 0.01)
    #expect(half != wide)
  }

  @Test func theCPUAgreesWithTheInterpreter() throws {
    let graphs = try graphs(.hippocampus, .bf16, .none)
    let found = try losses(graphs, on: try CPUExecutor(), steps: 2)
    let expected = try losses(graphs, on: Interpreter(), steps: 2)
    expectClose(found, expected, within: 0.005)
  }

  /// Activations and gradients take half the bytes.
  @Test func thePlanNeedsLessMemory() throws {
    let executor = try CPUExecutor()
    func bytes(_ dtype: DType?) throws -> Int {
      let graphs = ModelGraphs(
        network: try Preset.hippocampus.network.validated(), loss: .dice(), optimizer: .rmsprop(),
        halfDType: dtype)
      return try executor.compileForCPU(try graphs.trainStep(batchSize: 8)).arenaByteCount
    }
    #expect(Double(try bytes(.bf16)) <= 0.6 * Double(try bytes(nil)))
  }
}
