import MedicalImaging
import Networks
import TensorGraph
import Training

/// A model that predicts: a network on a device, with executables for each batch's shape that has come up.
public final class SegmentationModel {
  public let record: ModelRecord
  let graphs: ModelGraphs
  private let executor: any Executor
  private var executables: [[Int]: any Executable] = [:]
  private let tiles: TileGrid
  /// Whether probabilities are the mean over all mirrorings of the input.
  public var averagesFlips = false
  /// The largest scan at the model's spacing that the network takes at once, in voxels; larger ones are predicted
  /// window by window.
  public var wholeScanLimit = 1 << 20

  /// Takes over the weights that the executor holds.
  init(record: ModelRecord, executor: any Executor, halfDType: DType?) throws {
    self.record = record
    self.executor = executor
    graphs = try ModelGraphs(record.options, halfDType: halfDType)
    let network = graphs.network
    tiles = TileGrid(
      gridShape: record.preparation.gridShape, inputShape: network.inputShape,
      outputShape: network.outputShape)
  }

  /// Reads a model's checkpoint onto a device.
  ///
  /// - Parameters:
  ///   - halfDType: rewrites the network for mixed precision; nil leaves it in float32. A model trained one way
  ///     runs the other way.
  ///   - replicas: the processes that do so at once; the first reads for all.
  /// - Throws: `SegmentationError` or `SafetensorsError` when there is none or it is damaged.
  public convenience init(
    _ folder: ModelFolder, _ choice: CheckpointChoice = .last, executor: any Executor,
    halfDType: DType? = nil, replicas: Replicas = Replicas()
  ) throws {
    let checkpoint = try Checkpoint(sharedBy: replicas) { try Checkpoint(folder, choice) }
    try self.init(record: checkpoint.record, executor: executor, halfDType: halfDType)
    let graph = try graphs.prediction(batchSize: 1)
    try checkpoint.requireTensors(of: graph, path: folder.checkpointPath(choice))
    let names = Set(graph.parameters.map(\.name))
    try executor.load(checkpoint.tensors.filter { names.contains($0.key) })
  }

  var classCount: Int { record.preparation.classNames.count }

  /// The class probabilities of prepared images, each `[D, H, W, classes]`.
  func probabilities(of images: [PreparedImage]) throws -> [[Float]] {
    record.preparation.spacing == nil
      ? try gridProbabilities(of: images.map(\.elements)) : try images.map(planewiseProbabilities)
  }

  /// Those of a scan at the model's spacing.
  private func planewiseProbabilities(of image: PreparedImage) throws -> [Float] {
    var probabilities: [Float] = []
    probabilities.reserveCapacity(image.extents.reduce(classCount, *))
    var planes = ScanPlanes(of: image, by: self)
    while let plane = try planes.next() { probabilities += plane }
    return probabilities
  }

  /// Those of images on the one grid of all scans, in batches.
  private func gridProbabilities(of images: [[Float]]) throws -> [[Float]] {
    let voxels = record.preparation.gridShape.reduce(1, *)
    var results = images.map { _ in [Float](repeating: 0, count: voxels * classCount) }
    let work = images.indices.flatMap { image in tiles.origins.map { (image: image, origin: $0) } }
    let batchSize = record.options.batchSize
    for start in stride(from: 0, to: work.count, by: batchSize) {
      let batch = work[start..<min(start + batchSize, work.count)]
      let channelCount = record.preparation.channelNames.count
      let input = batch.flatMap {
        tiles.input(images[$0.image], channelCount: channelCount, origin: $0.origin)
      }
      let outputs = try run(input, batchSize: batch.count, inputShape: tiles.inputShape)
      let tileCount = tiles.outputShape.reduce(classCount, *)
      for (index, entry) in batch.enumerated() {
        let tile = outputs[index * tileCount..<(index + 1) * tileCount]
        tiles.write(tile, classCount: classCount, origin: entry.origin, into: &results[entry.image])
      }
    }
    return results
  }

  /// The network's probabilities for a batch `[N, D, H, W, C]` of any extents that it takes.
  func run(_ input: [Float], batchSize: Int, inputShape: [Int]) throws -> [Float] {
    let executable = try executable(batchSize: batchSize, inputShape: inputShape)
    let channelCount = record.preparation.channelNames.count
    let type = TensorType(.f32, Shape([batchSize] + inputShape + [channelCount]))
    func probabilities(_ input: [Float]) throws -> Tensor {
      try executable.run([StepNames.image: Tensor(type, input)])[StepNames.probabilities]!
    }
    let plain = try probabilities(input)
    guard averagesFlips else { return plain.elements }
    var sum = plain.elements
    for axes in Self.mirrorings.dropFirst() {
      let mirrored = try probabilities(input.mirrored(axes, type.shape.extents))
      let back = mirrored.elements.mirrored(axes, mirrored.shape.extents)
      for index in sum.indices { sum[index] += back[index] }
    }
    return sum.map { $0 / Float(Self.mirrorings.count) }
  }

  /// The axes of a batch that each mirroring reverses; none first.
  private static let mirrorings = (0..<8).map { bits in (1...3).filter { bits >> ($0 - 1) & 1 == 1 } }

  private func executable(batchSize: Int, inputShape: [Int]) throws -> any Executable {
    let key = [batchSize] + inputShape
    if let executable = executables[key] { return executable }
    let executable = try executor.compile(
      try graphs.prediction(batchSize: batchSize, inputShape: inputShape))
    executables[key] = executable
    return executable
  }

  /// A scan's class probabilities on its own grid, one channel for each class.
  func nativeProbabilities(_ probabilities: [Float], of volume: Volume) -> Volume {
    let grid = record.preparation.grid(for: volume.size, volume.geometry)
    return Volume(
      size: grid, channelCount: classCount, geometry: volume.geometry, networkOrdered: probabilities[...]
    ).resampled(onto: volume.size, geometry: volume.geometry)
  }
}

extension Volume {
  /// The class with the largest probability at each voxel, the first on a tie.
  package func mostProbableClasses() -> LabelVolume {
    let count = size.count
    var labels = [UInt8](repeating: 0, count: count)
    var best = Array(voxels[..<count])
    for label in 1..<channelCount {
      for voxel in 0..<count where voxels[label * count + voxel] > best[voxel] {
        best[voxel] = voxels[label * count + voxel]
        labels[voxel] = UInt8(label)
      }
    }
    return LabelVolume(size: size, geometry: geometry, labels: labels)
  }
}

extension [Float] {
  /// The elements of an array of some extents, reversed along some of its axes.
  fileprivate func mirrored(_ axes: [Int], _ extents: [Int]) -> [Float] {
    axes.reduce(self) { elements, axis in
      reversedAlongAxis(elements, extents[axis], extents[(axis + 1)...].reduce(1, *))
    }
  }
}
