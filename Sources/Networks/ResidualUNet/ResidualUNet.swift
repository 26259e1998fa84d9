import TensorGraph

/// A residual U-Net's layers.
extension ResidualUNetConfiguration: NetworkStructure {
  /// Source: nnU-Net's bound for 3-D networks.
  private static let mostFilters = 320

  var stride: Int { 1 << (blocks.count - 1) }

  func isInEncoder(_ parameter: String) -> Bool {
    parameter.hasPrefix("stem/") || parameter.hasPrefix("encoder")
  }

  var trainingBytesPerVoxel: Double { 140 * Double(filters) }

  /// Source: nnU-Net's layers; see `GraphBuilder.instanceNorm` and `leakyReLU`.
  var layerStyle: LayerStyle {
    LayerStyle(
      padding: .same, normalization: .instance, activation: .leakyReLU, weightInitialization: .heNormal)
  }

  var summary: [(topic: String, text: String)] {
    [
      ("filters", "\(blocks.indices.map { "\(channels(ofStage: $0))" }.joined(separator: " ")), kernels 3^3"),
      ("blocks", "\(blocks)\(usesDeepSupervision ? ", deep supervision" : "")"),
      ("layers", "\(Activation.leakyReLU.rawValue), \(NormalizationLayer.instanceNorm.rawValue)"),
    ]
  }

  func validate() throws(ConfigurationError) {
    try requireOption("--stages", blocks.count, 2...7)
    for count in blocks { try requireOption("--blocks", count, 1...8) }
  }

  func outputExtent(_ input: Int) -> Int? { input > 0 && input % stride == 0 ? input : nil }

  private func channels(ofStage stage: Int) -> Int { min(filters << stage, max(filters, Self.mostFilters)) }

  func logits(_ layers: inout Layers, _ image: Value, classCount: Int) throws(ShapeError) -> [Value] {
    var skips = try encoded(&layers, image)
    var x = skips.removeLast()
    var logits: [Value] = []
    for (stage, skip) in skips.enumerated().reversed() {
      let name = "decoder\(stage)"
      x = try layers.doubled("\(name)/upsample", x, channels: channels(ofStage: stage))
      x = try layers.concatenated(x, skip)
      x = try layers.convolutionUnit(name, x, channels: channels(ofStage: stage), size: 3)
      let isSupervised = usesDeepSupervision && layers.mode == .training
      guard stage == 0 || isSupervised else { continue }
      let output = stage == 0 ? "output/logits" : "\(name)/logits"
      logits.append(try layers.convolution(output, x, channels: classCount, size: 1))
    }
    return logits.reversed()
  }

  /// The result of each stage of the encoder, the full resolution first.
  private func encoded(_ layers: inout Layers, _ image: Value) throws(ShapeError) -> [Value] {
    var x = try layers.convolutionUnit("stem", image, channels: filters, size: 3)
    var stages: [Value] = []
    for (stage, count) in blocks.enumerated() {
      for block in 1...count {
        let halves = stage > 0 && block == 1
        x = try layers.residualBlock(
          "encoder\(stage)/block\(block)", x, channels: channels(ofStage: stage), stride: halves ? 2 : 1)
      }
      stages.append(x)
    }
    return stages
  }
}

extension Layers {
  /// Two convolutions of 3^3 with norms, the first strided and activated, to which the input is added before the last
  /// activation; where channels or grid change, by way of a 1x1x1 convolution with norm.
  ///
  /// Source: He et al. 2016, "Deep residual learning for image recognition", figure 2 and option B.
  fileprivate mutating func residualBlock(
    _ name: String, _ input: Value, channels: Int, stride: Int
  ) throws(ShapeError) -> Value {
    var x = try convolutionUnit("\(name)/conv1", input, channels: channels, size: 3, stride: stride)
    x = try convolution("\(name)/conv2/conv", x, channels: channels, size: 3)
    x = try normalized("\(name)/conv2/norm", x)
    var shortcut = input
    if stride > 1 || self.channels(of: input) != channels {
      shortcut = try convolution(
        "\(name)/projection/conv", input, channels: channels, size: 1, stride: stride)
      shortcut = try normalized("\(name)/projection/norm", shortcut)
    }
    return try activated("\(name)/activation", try builder.add(x, shortcut))
  }
}
