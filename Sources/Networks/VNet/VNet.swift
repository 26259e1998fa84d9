import TensorGraph

/// A V-Net's layers.
///
/// Source: Milletari, Navab, Ahmadi, "V-Net: Fully Convolutional Neural Networks for Volumetric Medical Image
/// Segmentation", arXiv 1606.04797.
extension VNetConfiguration: NetworkStructure {
  /// The reference system's batch norm and kernels, which earlier versions saved as nil.
  private static let referenceMomentum = 0.99
  private static let referenceInitialization = WeightInitialization.glorotUniform

  var stride: Int { 1 << depth }

  func isInEncoder(_ parameter: String) -> Bool {
    parameter.hasPrefix("input/") || parameter.hasPrefix("down")
  }

  var trainingBytesPerVoxel: Double { 120 * Double(filters) }

  var layerStyle: LayerStyle {
    let normalization: Normalization =
      switch normalizationLayer {
      case .batchnorm: .batch(momentum: batchNormMomentum ?? Self.referenceMomentum)
      case .instanceNorm: .instance
      case .none: .none
      }
    return LayerStyle(
      padding: padding, normalization: normalization, activation: activation,
      weightInitialization: weightInitialization ?? Self.referenceInitialization)
  }

  var summary: [(topic: String, text: String)] {
    [
      ("filters", "\(filters), kernels \(convolutionSize)^3, padding \(padding.rawValue)"),
      ("blocks", "input \(inputBlock), down \(downscaleBlocks), up \(upscaleBlocks)"),
      (
        "layers",
        "\(activation.rawValue), \(normalizationLayer.rawValue), \(pooling.rawValue), \(upsampling.rawValue)"
      ),
    ]
  }

  func logits(_ layers: inout Layers, _ image: Value, classCount: Int) throws(ShapeError) -> [Value] {
    var x = try block(&layers, "input", image, convolutions: inputBlock, channels: filters)
    var skips = [x]
    for (index, count) in downscaleBlocks.enumerated() {
      let stage = "down\(index + 1)"
      let channels = filters << (index + 1)
      x = try downsampled(&layers, "\(stage)/downsample", x, channels: channels)
      x = try block(&layers, stage, x, convolutions: count, channels: channels)
      skips.append(x)
    }
    skips.removeLast()
    for (index, count) in upscaleBlocks.enumerated() {
      let (stage, skip) = ("up\(index + 1)", skips.removeLast())
      let width = layers.channels(of: skip)
      x = try upsampled(&layers, "\(stage)/upsample", x, channels: width)
      x = try layers.concatenated(x, skip)
      x = try block(&layers, stage, x, convolutions: count, channels: 2 * width)
    }
    if !usesFullResolutionSkip {
      x = try upsampled(&layers, "output/upsample", x, channels: filters)
    }
    let size = outputConvolution == .full ? convolutionSize : 1
    return [try layers.convolution("output/logits", x, channels: classCount, size: size)]
  }

  // MARK: Blocks

  /// Some convolutions, each with norm and activation, to which the block's input is added.
  private func block(
    _ layers: inout Layers, _ name: String, _ input: Value, convolutions: Int, channels: Int
  ) throws(ShapeError) -> Value {
    let addsBeforeActivation = residualPosition == .beforeLastActivation
    var x = input
    for index in 1...convolutions {
      // The input block of one convolution bears its layers' names without a number.
      let layer = name == "input" && convolutions == 1 ? name : "\(name)/conv\(index)"
      x = try layers.convolution("\(layer)/conv", x, channels: channels, size: convolutionSize)
      x = try layers.normalized("\(layer)/norm", x)
      if index == convolutions && addsBeforeActivation {
        x = try addingResidual(&layers, name, x, input)
      }
      x = try layers.activated("\(layer)/activation", x)
    }
    return addsBeforeActivation ? x : try addingResidual(&layers, name, x, input)
  }

  /// x + input, the input cropped to x's grid and brought to its channels: one channel is repeated, several are
  /// projected by a 1x1x1 convolution.
  private func addingResidual(
    _ layers: inout Layers, _ name: String, _ x: Value, _ input: Value
  ) throws(ShapeError) -> Value {
    let cropped = try layers.cropped(input, to: layers.builder.shape(of: x))
    let (from, to) = (layers.channels(of: cropped), layers.channels(of: x))
    if from == to { return try layers.builder.add(x, cropped) }
    if from == 1 {
      let shape = layers.builder.shape(of: x)
      return try layers.builder.add(
        x, try layers.builder.broadcast(cropped, to: shape, axes: [0, 1, 2, 3, 4]))
    }
    let projected = try layers.convolution("\(name)/projection", cropped, channels: to, size: 1)
    return try layers.builder.add(x, projected)
  }

  private func downsampled(
    _ layers: inout Layers, _ name: String, _ x: Value, channels: Int
  ) throws(ShapeError) -> Value {
    switch pooling {
    case .conv: try layers.convolutionUnit(name, x, channels: channels, size: 2, stride: 2)
    case .maxPool: try layers.builder.maxPool(x, .tiles(2))
    }
  }

  private func upsampled(
    _ layers: inout Layers, _ name: String, _ x: Value, channels: Int
  ) throws(ShapeError) -> Value {
    let y = try layers.doubled("\(name)/conv", x, channels: channels)
    return try layers.activated("\(name)/activation", try layers.normalized("\(name)/norm", y))
  }
}
