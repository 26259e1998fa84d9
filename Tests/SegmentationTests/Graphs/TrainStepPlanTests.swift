import CPUBackend
import Networks
import Segmentation
import TensorGraph
import Testing
import Training

/// Train steps as the CPU's compiler lays them out.
@Suite(.serialized) struct TrainStepPlanTests {
  /// No tensor changes its layout: not on the way forward or back, nor in the update and the average of the weights.
  @Test(arguments: Preset.allCases, [nil, DType.bf16])
  func presetsReorderNothing(_ preset: Preset, _ halfDType: DType?) throws {
    var network = preset.network
    network.inputShape = preset == .unpadded ? [60, 60, 60] : [32, 32, 32]
    let graphs = ModelGraphs(
      network: try network.validated(), loss: .diceCrossEntropy(), optimizer: .rmsprop(),
      average: WeightAverage(decay: 0.999), halfDType: halfDType)
    let executor = try CPUExecutor(threadCount: 2, convolutions: .recorded)
    let executable = try executor.compileForCPU(try graphs.trainStep(batchSize: 2))
    #expect(executable.reorderCount == 0, "\(executable.planDescription)")
  }
}
