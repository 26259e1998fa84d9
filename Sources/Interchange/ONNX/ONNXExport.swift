import DurableFiles
import Segmentation
import TensorGraph

/// A trained model's network as an ONNX file: the prediction graph in float32 with batch norms folded, input `image`
/// `[N, C, D, H, W]`, output `probabilities` `[N, outputs, D', H', W']`; D, H, W are the voxel axes i, j, k.
public struct ONNXExport {
  /// The key of the `ModelDescription`, as JSON, among the file's metadata.
  public static let descriptionKey = "vnet"

  /// What a protobuf message may be long: its length is a signed 32-bit integer.
  private static let byteLimit = Int(Int32.max)

  private let model: ONNXModel

  /// - Parameters:
  ///   - checkpoint: of the model.
  ///   - postprocessing: what was chosen for its masks.
  ///   - hasDynamicExtents: whether D, H and W are left open; else they are those of the network's input. The number of images
  ///     always is.
  /// - Throws: `ONNXError`, and `SegmentationError.damagedModel` for a checkpoint without a network's tensors.
  public init(
    _ checkpoint: Checkpoint, path: String, _ postprocessing: Postprocessing = Postprocessing(),
    opset: ONNXOpset = .standard, hasDynamicExtents: Bool
  ) throws {
    let record = checkpoint.record
    guard !hasDynamicExtents || record.options.network.keepsGrid else { throw ONNXError.fixedExtents }
    let graph = try ModelGraphs(record.options).prediction(batchSize: 1)
    try checkpoint.requireTensors(of: graph, path: path)
    let description = ModelDescription(record, postprocessing, hasDynamicExtents: hasDynamicExtents)
    model = try ONNXModel(
      graph, checkpoint.tensors, opset: opset, hasDynamicExtents: hasDynamicExtents,
      description: "Segments scans of the data set \(record.datasetName).",
      metadata: [.init(key: Self.descriptionKey, value: try description.json)])
    let byteCount = model.graph.initializers.reduce(0) { $0 + $1.byteCount }
    guard byteCount < Self.byteLimit - 1 << 20 else {
      throw ONNXError.tooLarge(byteCount: byteCount, limit: Self.byteLimit)
    }
  }

  /// Writes the file atomically.
  public func write(to path: String) throws { try AtomicFile.write(model.serialized, to: path) }
}
