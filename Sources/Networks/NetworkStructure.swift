import TensorGraph

/// What every network says of its structure: all that `Network` needs to know of it.
protocol NetworkStructure: Codable, Hashable, Sendable {
  /// Channels at full resolution.
  var filters: Int { get set }
  var layerStyle: LayerStyle { get }
  /// What the extents of an input are multiples of, where padding is same: 2 for each halving.
  var stride: Int { get }
  /// Memory of the train step for each voxel of the batch, in bytes, measured on the CPU in float32; for planning.
  var trainingBytesPerVoxel: Double { get }
  /// The structure in a few words, by topic, for people.
  var summary: [(topic: String, text: String)] { get }

  /// Whether a parameter belongs to the part that reads the image down to its coarsest grid.
  func isInEncoder(_ parameter: String) -> Bool

  /// - Throws: `ConfigurationError` for the first option that cannot be had.
  func validate() throws(ConfigurationError)

  /// The extent of the logits along an axis of the given input extent, in voxels; nil where the network cannot take it.
  func outputExtent(_ input: Int) -> Int?

  /// Appends the layers to a graph.
  ///
  /// - Parameter image: `[N, D, H, W, C]`.
  /// - Returns: the logits of the full resolution and then, in training with deep supervision, of coarser ones.
  func logits(_ layers: inout Layers, _ image: Value, classCount: Int) throws(ShapeError) -> [Value]
}
