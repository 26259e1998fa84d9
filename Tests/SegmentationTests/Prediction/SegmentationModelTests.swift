import CPUBackend
import Foundation
import MedicalImaging
import Networks
import SeededRandom
import Segmentation
import TensorGraph
import Testing
import Training

/// Small untrained models of the accurate recipe, which predict by their weights' average; their stride is 4.
@Suite struct SegmentationModelTests {
  /// - Parameter change: of the checkpoint's tensors, which have random weights.
  private func model(
    on executor: any Executor, _ change: (inout [String: Tensor]) -> Void = { _ in }
  ) throws -> SegmentationModel {
    var options = TrainingOptions(preset: .accurate)
    options.network.architecture.vnet!.filters = 2
    options.network.inputShape = [8, 8, 8]
    options.network.architecture.vnet!.downscaleBlocks = [1, 1]
    options.network.architecture.vnet!.upscaleBlocks = [1, 1]
    let record = ModelRecord(
      options: options, preparation: try plainPreparation(), datasetName: "none", trainingCases: [],
      validationCases: [])
    var tensors = try ModelGraphs(options).initialTensors(seed: 3)
    change(&tensors)
    return try withTemporaryFolder { folder in
      try Checkpoint(record: record, tensors: tensors).write(to: ModelFolder(folder).checkpointPath(.last))
      return try SegmentationModel(ModelFolder(folder), executor: executor)
    }
  }

  private func randomScan(_ size: GridSize) -> Volume {
    var generator = SplitMix64(seed: 1)
    return Volume(
      size: size, geometry: Geometry(spacing: [1, 1, 1]),
      voxels: (0..<size.count).map { _ in Float(generator.nextNormal()) })
  }

  private func flipped(_ volume: Volume, _ axis: Int) -> Volume {
    let inner = volume.size.extents[(axis + 1)...].reduce(volume.channelCount, *)
    let elements = reversedAlongAxis(volume.networkOrdered, volume.size.extents[axis], inner)
    return Volume(
      size: volume.size, channelCount: volume.channelCount, geometry: volume.geometry,
      networkOrdered: elements[...])
  }

  /// A mirrored scan has the same eight mirrorings: p(flip x) = flip p(x), which the network alone does not
  /// give. On multiples of the stride, because zeros are added behind others only.
  @Test(arguments: 0..<3)
  func theMeanOverMirroringsIsMirroredWithTheScan(_ axis: Int) throws {
    let model = try model(on: try CPUExecutor(threadCount: 1))
    let scan = randomScan(GridSize(8, 12, 16))
    func largestDifference() throws -> Float {
      let ensemble = try Ensemble([model])
      let found = try ensemble.probabilities(of: flipped(scan, axis))
      let wanted = flipped(try ensemble.probabilities(of: scan), axis)
      return zip(found.voxels, wanted.voxels).map { abs($0 - $1) }.max()!
    }
    #expect(try largestDifference() > 1e-2)
    model.averagesFlips = true
    #expect(try largestDifference() < 1e-5)
  }

  /// What the last step left in the weights and in the moving statistics does not count.
  @Test(arguments: ["input/conv/kernel", "input/norm/mean"])
  func predictsByTheAverages(_ name: String) throws {
    func probabilities(_ change: (inout [String: Tensor]) -> Void) throws -> [Float] {
      let ensemble = try Ensemble([try model(on: Interpreter(), change)])
      return try ensemble.probabilities(of: randomScan(GridSize(4, 4, 4))).voxels
    }
    let before = try probabilities { _ in }
    let byParameter = try probabilities { $0[name]!.elements[0] += 1 }
    let byAverage = try probabilities { $0[WeightAverage.name(of: name)]!.elements[0] += 1 }
    #expect(byParameter == before)
    #expect(byAverage != before)
  }

  /// A network that answers 1/8, 2/8, 5/8 whatever it sees: the windows' weights cancel out where they
  /// overlap.
  @Test func windowsOfAConstantNetworkGiveTheConstant() throws {
    let model = try model(on: try CPUExecutor(threadCount: 1)) { tensors in
      let kernel = WeightAverage.name(of: "output/logits/kernel")
      tensors[kernel] = Tensor(tensors[kernel]!.type, repeating: 0)
      tensors[WeightAverage.name(of: "output/logits/bias")]!.elements = [0, log(2), log(5)]
    }
    model.wholeScanLimit = 0
    let size = GridSize(20, 13, 9)
    let found = try Ensemble([model]).probabilities(of: randomScan(size))
    for (label, wanted) in ([0.125, 0.25, 0.625] as [Float]).enumerated() {
      let values = found.voxels[label * size.count..<(label + 1) * size.count]
      #expect(values.allSatisfy { abs($0 - wanted) < 1e-6 })
    }
  }
}
