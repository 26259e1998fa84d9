import MedicalImaging
import TensorGraph
import VNetModel

/// A model that predicts: a network on a device, with executables for each batch size that has come up.
public final class SegmentationModel {
  public let record: ModelRecord
  let graphs: ModelGraphs
  private let executor: any Executor
  private var executables: [Int: any Executable] = [:]
  private let tiles: TileGrid

  /// Takes over the weights that the executor holds.
  init(record: ModelRecord, executor: any Executor, halfDType: DType?) throws {
    self.record = record
    self.executor = executor
    graphs = try ModelGraphs(record.options, halfDType: halfDType)
    let configuration = graphs.model.configuration
    tiles = TileGrid(
      gridShape: record.preparation.gridShape, inputShape: configuration.inputShape,
      outputShape: configuration.outputShape)
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

  /// The class probabilities of images on the network's grid, each `[D, H, W, classes]`.
  func probabilities(of images: [[Float]]) throws -> [[Float]] {
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
      let image = Tensor(graphs.model.imageShape(batchSize: batch.count), input)
      let outputs = try executable(batchSize: batch.count).run(["image": image])
      let tileCount = tiles.outputShape.reduce(classCount, *)
      for (index, entry) in batch.enumerated() {
        let tile = outputs["probabilities"]!.elements[index * tileCount..<(index + 1) * tileCount]
        tiles.write(tile, classCount: classCount, origin: entry.origin, into: &results[entry.image])
      }
    }
    return results
  }

  private func executable(batchSize: Int) throws -> any Executable {
    if let executable = executables[batchSize] { return executable }
    let executable = try executor.compile(try graphs.prediction(batchSize: batchSize))
    executables[batchSize] = executable
    return executable
  }

  /// A scan's class probabilities on its own grid, one channel for each class.
  func nativeProbabilities(_ probabilities: [Float], of volume: Volume) -> Volume {
    let grid = record.preparation.grid
    return Volume(
      size: grid, channelCount: classCount, geometry: volume.geometry, networkOrdered: probabilities[...]
    ).resampled(onto: volume.size, geometry: volume.geometry)
  }
}

extension ModelGraphs {
  init(_ options: TrainingOptions, halfDType: DType?, dataParallel: DataParallel? = nil) throws {
    self.init(
      model: try VNet(options.configuration), loss: options.loss, optimizer: options.optimizer,
      halfDType: halfDType, dataParallel: dataParallel)
  }
}

extension Volume {
  /// The class with the largest probability at each voxel, the first on a tie.
  func mostProbableClasses() -> LabelVolume {
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
