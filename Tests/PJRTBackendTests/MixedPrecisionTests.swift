import Networks
import PJRTBackend
import SeededRandom
import Segmentation
import TensorGraph
import Testing
import Training

/// Half precision with a dynamic loss scale, as `--amp` has it.
@Suite(.enabled(if: CPUPlugin.isThere, CPUPlugin.whereToGetIt)) struct MixedPrecisionTests {
  private static let scaleName = "loss_scale/scale"

  private func graphs() throws -> ModelGraphs {
    var network = Preset.hippocampus.network
    network.inputShape = [8, 8, 8]
    network.architecture.vnet!.filters = 4
    network.architecture.vnet!.downscaleBlocks = [1, 1]
    network.architecture.vnet!.upscaleBlocks = [1]
    return ModelGraphs(
      network: try network.validated(), loss: .dice(),
      optimizer: .rmsprop(), clipNorm: 1, lossScale: .dynamic, halfDType: .f16)
  }

  private func inputs(_ model: Network) -> [String: Tensor] {
    var generator = SplitMix64(seed: 5)
    let (image, label) = (model.imageShape(batchSize: 2), model.labelShape(batchSize: 2))
    return [
      "image": Tensor(image, (0..<image.elementCount).map { _ in Float(generator.nextNormal()) }),
      "label": Tensor(
        TensorType(.i32, label), (0..<label.elementCount).map { _ in Float(generator.next() % 3) }),
      "learning_rate": Tensor(scalar: 1e-3),
    ]
  }

  /// Two steps with a scale that f16 cannot hold: both are skipped and halve the scale; nothing else changes.
  @Test func stepsThatOverflowAreSkipped() throws {
    let graphs = try graphs()
    var start = try graphs.initialTensors(seed: 3)
    start[Self.scaleName] = Tensor(scalar: 0x1p40)
    for executor in [Interpreter(), try PJRTExecutor(try CPUPlugin.client())] as [any Executor] {
      try executor.load(start)
      let step = try executor.compile(try graphs.trainStep(batchSize: 2))
      for scale in [0x1p40, 0x1p39] as [Float] {
        let outputs = try step.run(inputs(graphs.network))
        #expect(outputs["loss_scale"] == Tensor(scalar: scale))
        #expect(outputs["gradient_norm"]?.elements[0].isFinite == false)
        #expect(outputs["loss"]?.elements[0].isFinite == true)
      }
      let end = try executor.fetch(start.keys.sorted())
      #expect(end[Self.scaleName] == Tensor(scalar: 0x1p38))
      for (name, tensor) in start where name != Self.scaleName {
        let isKept = end[name] == tensor
        #expect(isKept, "\(name), \(executor.summary)")
      }
    }
  }
}
