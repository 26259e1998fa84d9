import TensorGraph

/// A network: what it takes and gives, and how it is built between. A description, from which graphs are built.
public struct Network: Hashable, Sendable {
  /// Voxels along D, H, W.
  public var inputShape: [Int]
  public var inputChannels: Int
  /// Outputs for each voxel: classes, the background included, or regions.
  public var classCount: Int
  public var targets: Targets
  public var architecture: Architecture

  public init(
    inputShape: [Int], inputChannels: Int, classCount: Int, targets: Targets = Targets(),
    architecture: Architecture
  ) {
    self.inputShape = inputShape
    self.inputChannels = inputChannels
    self.classCount = classCount
    self.targets = targets
    self.architecture = architecture
  }

  private var structure: any NetworkStructure { architecture.structure }

  /// The structure in a few words, by topic, for people.
  public var summary: [(topic: String, text: String)] { structure.summary }

  // MARK: Shapes

  /// The extents of the logits along D, H, W; the input's own unless padding is valid.
  /// - Precondition: the network is valid.
  public var outputShape: [Int] { inputShape.map { structure.outputExtent($0)! } }

  /// Whether the logits cover the input's whole grid, so that scans of any size can be predicted at once.
  public var keepsGrid: Bool { structure.layerStyle.padding == .same }

  /// What the extents of an input are multiples of, where the network keeps the grid.
  public var stride: Int { structure.stride }

  /// Whether a parameter belongs to the part that reads the image down to its coarsest grid.
  public func isInEncoder(_ parameter: String) -> Bool { structure.isInEncoder(parameter) }

  /// Whether a parameter reads the image itself, so that its shape depends on the number of channels.
  public func readsImage(_ parameter: String) -> Bool {
    parameter.hasSuffix("/kernel") && (parameter.hasPrefix("input/") || parameter.hasPrefix("stem/"))
  }

  /// Whether a parameter gives logits, so that its shape depends on the number of classes.
  public func isHead(_ parameter: String) -> Bool { parameter.contains("/logits/") }

  /// Memory of the train step for each voxel of the batch, in bytes; a measured figure, for planning.
  public var trainingBytesPerVoxel: Double { structure.trainingBytesPerVoxel }

  /// The shape of a batch of images, `[N, D, H, W, C]`.
  public func imageShape(batchSize: Int) -> Shape { Shape([batchSize] + inputShape + [inputChannels]) }

  /// The shape of a batch of labels, `[N, D', H', W']`.
  public func labelShape(batchSize: Int) -> Shape { Shape([batchSize] + outputShape) }

  /// The same network for inputs of another shape.
  ///
  /// - Throws: `ConfigurationError.invalidInputShape`.
  public func with(inputShape: [Int]) throws(ConfigurationError) -> Network {
    var network = self
    network.inputShape = inputShape
    return try network.validated()
  }

  // MARK: Graphs

  /// Appends the forward pass to a graph. In training mode the moving statistics of batch norm become updates of
  /// the graph.
  ///
  /// - Parameter image: `[N, D, H, W, C]`, of the network's input shape.
  /// - Throws: `ShapeError` when the image is of another shape.
  public func forward(
    _ builder: inout GraphBuilder, image: Value, mode: ForwardMode
  ) throws(ShapeError) -> ForwardPass {
    var layers = Layers(builder, structure.layerStyle, mode)
    let logits = try structure.logits(&layers, image, classCount: classCount)
    builder = layers.builder
    return ForwardPass(
      logits: logits[0], coarserLogits: Array(logits.dropFirst()), parameters: layers.parameters)
  }

  /// Every weight and state, in the order of the layers.
  public func parameters() throws(ShapeError) -> [ModelParameter] {
    var builder = GraphBuilder(name: "parameters")
    let image = builder.parameter("image", .input, TensorType(.f32, imageShape(batchSize: 1)))
    return try forward(&builder, image: image, mode: .training).parameters
  }

  /// Every weight and state with its start, for a seed.
  public func initialTensors(seed: UInt64) throws(ShapeError) -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for parameter in try parameters() { tensors[parameter.name] = parameter.initialTensor(seed: seed) }
    return tensors
  }

  /// The number of trained numbers.
  public func trainableParameterCount() throws(ShapeError) -> Int {
    try parameters().reduce(0) { $1.kind == .weight ? $0 + $1.type.shape.elementCount : $0 }
  }
}

/// Saved as `{"inputShape": ..., "inputChannels": ..., "classCount": ..., "targets": ..., "architecture": {"vnet": {...}}}`.
extension Network: Codable {
  /// Reads what earlier versions saved, too: a V-Net's configuration with what it takes and gives beside it, and classes
  /// of which every voxel has one.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    inputShape = try container.decode([Int].self, forKey: .inputShape)
    inputChannels = try container.decode(Int.self, forKey: .inputChannels)
    classCount = try container.decode(Int.self, forKey: .classCount)
    targets = try container.decodeIfPresent(Targets.self, forKey: .targets) ?? Targets()
    architecture =
      try container.decodeIfPresent(Architecture.self, forKey: .architecture)
      ?? .vnet(VNetConfiguration(from: decoder))
  }
}
