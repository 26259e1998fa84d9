import MedicalImaging
import Networks
import TensorGraph
import Training

/// A trained network on a device. It keeps the executable for the shape that came up last.
public final class SegmentationModel {
  public let record: ModelRecord
  let graphs: ModelGraphs
  private let executor: any Executor
  private var executables: LeastRecentlyUsed<[Int], any Executable>

  /// The executables that are kept, each for the shape of one input. Of scans predicted at once nearly every one has a shape
  /// of its own, and an executable keeps the weights as its convolutions want them: with Winograd's some eight times the
  /// weights, which is more than most scans take. Compiling takes about 0.1 s.
  package static let executableLimit = 1

  /// Takes over the weights that the executor holds.
  init(record: ModelRecord, executor: any Executor, halfDType: DType?) throws {
    self.record = record
    self.executor = executor
    executables = LeastRecentlyUsed(limit: Self.executableLimit)
    graphs = try ModelGraphs(record.options, halfDType: halfDType)
  }

  /// Reads a model's checkpoint onto a device, which takes over the algorithms that training chose.
  ///
  /// - Parameters:
  ///   - folder: the model's.
  ///   - choice: which checkpoint.
  ///   - executor: a device for this model alone.
  ///   - halfDType: rewrites the network for mixed precision; nil leaves it in float32. A model trained one way
  ///     runs the other way.
  ///   - replicas: the processes that do so at once; the first reads for all.
  /// - Throws: `SegmentationError` or `SafetensorsError` when there is none or it is damaged.
  public convenience init(
    _ folder: ModelFolder, _ choice: CheckpointChoice = .last, executor: any Executor,
    halfDType: DType? = nil, replicas: Replicas = Replicas()
  ) throws {
    let checkpoint = try Checkpoint(sharedBy: replicas) { try Checkpoint(folder, choice) }
    executor.adopt(measuredChoices: checkpoint.record.measuredChoices)
    try self.init(record: checkpoint.record, executor: executor, halfDType: halfDType)
    let graph = try graphs.prediction(batchSize: 1)
    try checkpoint.requireTensors(of: graph, path: folder.checkpointPath(choice))
    let names = Set(graph.parameters.map(\.name))
    try executor.load(checkpoint.tensors.filter { names.contains($0.key) })
  }

  /// How this machine differs from the one that trained the model: masks may then differ in a few voxels. Nil where it
  /// does not, or where the record is of an earlier version and does not say.
  public var machineDifference: String? {
    record.machine.flatMap { TrainingMachine(executor).difference(from: $0) }
  }

  var classCount: Int { record.preparation.classNames.count }

  /// The shapes whose executables are kept, the one that goes next first.
  package var executableShapes: [[Int]] { executables.keys }

  /// How the network takes a prepared scan: at a spacing at once where it is small enough, and no axis is longer than an input
  /// may be, with zeros added behind it up to a multiple of the network's stride, else by windows of the patches' shape; on the one grid of all scans by its tiles.
  ///
  /// - Parameters:
  ///   - extents: of the prepared scan along D, H, W.
  ///   - wholeScanLimit: see `PredictionOptions.wholeScanLimit`.
  func cover(of extents: [Int], wholeScanLimit: Int) -> any ScanCover {
    let network = graphs.network
    guard record.preparation.spacing != nil else {
      let tiles = TileGrid(
        gridShape: record.preparation.gridShape, inputShape: network.inputShape,
        outputShape: network.outputShape)
      return TilePlanes(tiles, classCount: classCount)
    }
    let stride = network.stride
    let whole = extents.map { ($0 + stride - 1) / stride * stride }
    let isPossible = whole.allSatisfy { $0 <= Network.largestExtent }
    let window = isPossible && whole.reduce(1, *) <= wholeScanLimit ? whole : network.inputShape
    return WindowAverage(extents: extents, window: window, classCount: classCount)
  }

  /// The class probabilities `[D', H', W', classes]` of one input `[D, H, W, C]` of any extents that the network takes.
  ///
  /// - Parameter views: over which the result is the mean; at least one.
  func probabilities(of input: [Float], _ inputShape: [Int], over views: [ScanView]) throws -> [Float] {
    let executable = try executables.value(for: inputShape) {
      try executor.compile(try graphs.prediction(batchSize: 1, inputShape: inputShape))
    }
    let type = TensorType(.f32, Shape([1] + inputShape + [record.preparation.channelNames.count]))
    func probabilities(_ input: [Float]) throws -> Tensor {
      try executable.run([StepNames.image: Tensor(type, input)])[StepNames.probabilities]!
    }
    if views == [.asIs] { return try probabilities(input).elements }
    var network = graphs.network
    network.inputShape = inputShape
    var average = ViewAverage(
      inputShape: inputShape, outputShape: network.outputShape,
      spacing: record.preparation.spacing ?? [1, 1, 1],
      classCount: classCount)
    for view in views { average.add(try probabilities(average.input(input, as: view)).elements, to: view) }
    return average.mean()
  }
}
