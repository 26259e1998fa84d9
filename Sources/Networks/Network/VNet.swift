import TensorGraph

/// What batch norm normalises with.
public enum ForwardMode: Sendable {
  /// The batch's own statistics, from which the moving ones are updated.
  case training
  /// The moving statistics.
  case inference
}

/// The forward pass of a network in a graph.
public struct ForwardPass {
  /// `[N, D', H', W', classes]`, before the softmax.
  public var logits: Value
  /// Every weight and state, in the order of the layers.
  public var parameters: [ModelParameter]

  /// The weights' values in the order of the layers.
  public var weights: [Value] { parameters.filter { $0.kind == .weight }.map(\.value) }
}

/// A V-Net: a validated configuration, from which graphs are built.
///
/// Source: Milletari, Navab, Ahmadi, "V-Net: Fully Convolutional Neural Networks for Volumetric Medical Image
/// Segmentation", arXiv 1606.04797.
public struct VNet: Sendable {
  public let configuration: VNetConfiguration

  /// - Throws: `ConfigurationError` naming the option that cannot be had and the remedy.
  public init(_ configuration: VNetConfiguration) throws(ConfigurationError) {
    try configuration.validate()
    self.configuration = configuration
  }

  /// The shape of a batch of images, `[N, D, H, W, C]`.
  public func imageShape(batchSize: Int) -> Shape {
    Shape([batchSize] + configuration.inputShape + [configuration.inputChannels])
  }

  /// The shape of a batch of labels, `[N, D', H', W']`.
  public func labelShape(batchSize: Int) -> Shape {
    Shape([batchSize] + configuration.outputShape)
  }

  /// Appends the forward pass to a graph. In training mode the moving statistics of batch norm become updates of
  /// the graph.
  ///
  /// - Parameter image: `[N, D, H, W, C]`, of the configuration's shape.
  /// - Throws: `ShapeError` when the image is of another shape.
  public func forward(
    _ builder: inout GraphBuilder, image: Value, mode: ForwardMode
  ) throws(ShapeError) -> ForwardPass {
    var layers = Layers(builder, configuration, mode)
    let logits = try network(&layers, image)
    builder = layers.builder
    return ForwardPass(logits: logits, parameters: layers.parameters)
  }

  /// Every weight and state with its start, for a seed.
  public func initialTensors(seed: UInt64) throws(ShapeError) -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for parameter in try parameters() { tensors[parameter.name] = parameter.initialTensor(seed: seed) }
    return tensors
  }

  /// Every weight and state, in the order of the layers.
  public func parameters() throws(ShapeError) -> [ModelParameter] {
    var builder = GraphBuilder(name: "parameters")
    let image = builder.parameter("image", .input, TensorType(.f32, imageShape(batchSize: 1)))
    return try forward(&builder, image: image, mode: .training).parameters
  }

  /// The number of trained numbers.
  public func trainableParameterCount() throws(ShapeError) -> Int {
    try parameters().reduce(0) { $1.kind == .weight ? $0 + $1.type.shape.elementCount : $0 }
  }

  private func network(_ layers: inout Layers, _ image: Value) throws(ShapeError) -> Value {
    let c = configuration
    var x = try layers.block("input", image, convolutions: c.inputBlock, channels: c.filters)
    var skips = [x]
    for (index, count) in c.downscaleBlocks.enumerated() {
      let stage = "down\(index + 1)"
      let channels = c.filters << (index + 1)
      x = try layers.downsampled("\(stage)/downsample", x, channels: channels)
      x = try layers.block(stage, x, convolutions: count, channels: channels)
      skips.append(x)
    }
    skips.removeLast()
    for (index, count) in c.upscaleBlocks.enumerated() {
      let (stage, skip) = ("up\(index + 1)", skips.removeLast())
      let width = layers.channels(of: skip)
      x = try layers.upsampled("\(stage)/upsample", x, channels: width)
      x = try layers.concatenated(x, skip)
      x = try layers.block(stage, x, convolutions: count, channels: 2 * width)
    }
    if !c.usesFullResolutionSkip {
      x = try layers.upsampled("output/upsample", x, channels: c.filters)
    }
    let size = c.outputConvolution == .full ? c.convolutionSize : 1
    return try layers.convolution("output/logits", x, channels: c.classCount, size: size)
  }
}
