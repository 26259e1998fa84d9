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

  /// For a roofline: products and sums of every convolution and gradient, and bytes of every step.
  @Test func stepsTellTheirWork() throws {
    var options = TrainingOptions(preset: .hippocampus)
    options.network.inputShape = [16, 16, 16]
    let executor = try CPUExecutor(threadCount: 2, convolutions: .recorded)
    let graphs = try ModelGraphs(options)
    try executor.load(try graphs.initialTensors(seed: 0))
    let step = try graphs.trainStep(batchSize: 1)
    let executable = try executor.compileForCPU(step)
    let work = try executable.stepWork(
      ThroughputBenchmark.inputs(step, options, deviceCount: 1), runs: 1, try MachinePeak(threads: 2))
    let convolutions = step.nodes.count {
      switch $0.operation {
      case .convolution, .convolutionInputGradient, .convolutionFilterGradient: true
      default: false
      }
    }
    #expect(work.count == executable.plan.steps.count)
    #expect(work.count { $0.flops > 0 } == convolutions)
    #expect(work.allSatisfy { $0.byteCount > 0 && $0.boundSeconds >= $0.memorySeconds })
  }
}
