import TensorGraph

/// The layers of a V-Net, each appended to the graph under construction under its own name.
struct Layers {
  /// Source: the reference system's batch norm.
  private static let batchNormEpsilon = 1e-3
  /// Source: He et al. 2015, section 2.1: PReLU's alpha starts at 0.25.
  private static let initialAlpha: Float = 0.25

  var builder: GraphBuilder
  private(set) var parameters: [ModelParameter] = []
  private let configuration: VNetConfiguration
  private let mode: ForwardMode

  init(_ builder: GraphBuilder, _ configuration: VNetConfiguration, _ mode: ForwardMode) {
    self.builder = builder
    self.configuration = configuration
    self.mode = mode
  }

  private var kernelInitializer: Initializer {
    switch configuration.weightInitialization ?? .glorotUniform {
    case .glorotUniform: .glorotUniform
    case .heNormal: .heNormal
    }
  }

  func channels(of x: Value) -> Int { builder.shape(of: x).channels }

  private mutating func parameter(
    _ name: String, _ kind: ParameterKind, _ shape: Shape, _ initializer: Initializer
  ) -> Value {
    let type = TensorType(.f32, shape)
    let value = builder.parameter(name, kind, type)
    parameters.append(
      ModelParameter(name: name, kind: kind, type: type, initializer: initializer, value: value))
    return value
  }

  // MARK: Blocks

  /// Some convolutions, each with norm and activation, to which the block's input is added.
  mutating func block(
    _ name: String, _ input: Value, convolutions: Int, channels: Int
  ) throws(ShapeError) -> Value {
    let addsBeforeActivation = configuration.residualPosition == .beforeLastActivation
    var x = input
    for index in 1...convolutions {
      // The input block of one convolution bears its layers' names without a number.
      let layer = name == "input" && convolutions == 1 ? name : "\(name)/conv\(index)"
      x = try convolution("\(layer)/conv", x, channels: channels, size: configuration.convolutionSize)
      x = try normalized("\(layer)/norm", x)
      if index == convolutions && addsBeforeActivation { x = try addingResidual(name, x, input) }
      x = try activated("\(layer)/activation", x)
    }
    return addsBeforeActivation ? x : try addingResidual(name, x, input)
  }

  /// x + input, the input cropped to x's grid and brought to its channels: one channel is repeated, several are
  /// projected by a 1x1x1 convolution.
  private mutating func addingResidual(
    _ name: String, _ x: Value, _ input: Value
  ) throws(ShapeError) -> Value {
    let cropped = try cropped(input, to: builder.shape(of: x))
    let (from, to) = (channels(of: cropped), channels(of: x))
    if from == to { return try builder.add(x, cropped) }
    if from == 1 {
      let repeated = try builder.broadcast(cropped, to: builder.shape(of: x), axes: [0, 1, 2, 3, 4])
      return try builder.add(x, repeated)
    }
    return try builder.add(x, try convolution("\(name)/projection", cropped, channels: to, size: 1))
  }

  mutating func downsampled(_ name: String, _ x: Value, channels: Int) throws(ShapeError) -> Value {
    switch configuration.pooling {
    case .conv:
      let y = try convolution("\(name)/conv", x, channels: channels, size: 2, stride: 2)
      return try activated("\(name)/activation", try normalized("\(name)/norm", y))
    case .maxPool:
      return try builder.maxPool(x, .tiles(2))
    }
  }

  mutating func upsampled(_ name: String, _ x: Value, channels: Int) throws(ShapeError) -> Value {
    let shape = builder.shape(of: x)
    let output: Shape = [shape[0], 2 * shape[1], 2 * shape[2], 2 * shape[3], channels]
    let window = ConvolutionWindow(Array(repeating: WindowAxis(stride: 2), count: 3))
    let weights = parameter("\(name)/conv/kernel", .weight, [2, 2, 2, channels, shape[4]], kernelInitializer)
    let bias = parameter("\(name)/conv/bias", .weight, [channels], .constant(0))
    let y = try builder.transposedConvolution(x, weights, window, outputShape: output)
    let normalized = try normalized("\(name)/norm", try builder.biasAdd(y, bias))
    return try activated("\(name)/activation", normalized)
  }

  /// x and the skip, cropped to x's grid, joined along the channels.
  mutating func concatenated(_ x: Value, _ skip: Value) throws(ShapeError) -> Value {
    try builder.concatenate([x, try cropped(skip, to: builder.shape(of: x))], axis: 4)
  }

  /// The middle of x on a smaller grid.
  private mutating func cropped(_ x: Value, to target: Shape) throws(ShapeError) -> Value {
    let shape = builder.shape(of: x)
    guard (1...3).contains(where: { shape[$0] != target[$0] }) else { return x }
    var start = [Int](repeating: 0, count: 5)
    var limit = shape.extents
    for axis in 1...3 {
      start[axis] = (shape[axis] - target[axis]) / 2
      limit[axis] = start[axis] + target[axis]
    }
    return try builder.slice(x, start: start, limit: limit)
  }

  // MARK: Layers

  /// A convolution with bias.
  mutating func convolution(
    _ name: String, _ x: Value, channels: Int, size: Int, stride: Int = 1
  ) throws(ShapeError) -> Value {
    let shape = builder.shape(of: x)
    let weights = parameter(
      "\(name)/kernel", .weight, [size, size, size, shape.channels, channels], kernelInitializer)
    let bias = parameter("\(name)/bias", .weight, [channels], .constant(0))
    let isPadded = configuration.padding == .same
    let axes = (1...3).map { axis in
      isPadded
        ? WindowAxis.same(input: shape[axis], kernel: size, stride: stride) : WindowAxis(stride: stride)
    }
    return try builder.biasAdd(try builder.convolution(x, weights, ConvolutionWindow(axes)), bias)
  }

  private mutating func normalized(_ name: String, _ x: Value) throws(ShapeError) -> Value {
    guard configuration.normalizationLayer == .batchnorm else { return x }
    let shape: Shape = [channels(of: x)]
    let scale = parameter("\(name)/scale", .weight, shape, .constant(1))
    let offset = parameter("\(name)/offset", .weight, shape, .constant(0))
    let mean = parameter("\(name)/mean", .state, shape, .constant(0))
    let variance = parameter("\(name)/variance", .state, shape, .constant(1))
    switch mode {
    case .inference:
      return try builder.batchNormInference(
        x, scale: scale, offset: offset, mean: mean, variance: variance, epsilon: Self.batchNormEpsilon)
    case .training:
      let batch = try builder.batchNormTraining(
        x, scale: scale, offset: offset, epsilon: Self.batchNormEpsilon)
      try updateMovingAverage(of: mean, with: batch.mean)
      try updateMovingAverage(of: variance, with: batch.variance)
      return batch.y
    }
  }

  /// moving = momentum * moving + (1 - momentum) * batch; the variance is the biased one, as in TensorFlow's
  /// batch norm of rank-5 inputs, which is not fused.
  private mutating func updateMovingAverage(of moving: Value, with batch: Value) throws(ShapeError) {
    let momentum = configuration.batchNormMomentum ?? VNetConfiguration.referenceBatchNormMomentum
    let kept = try builder.multiply(moving, builder.constant(momentum))
    let added = try builder.multiply(batch, builder.constant(1 - momentum))
    builder.update(moving, with: try builder.add(kept, added))
  }

  private mutating func activated(_ name: String, _ x: Value) throws(ShapeError) -> Value {
    switch configuration.activation {
    case .relu:
      return try builder.relu(x)
    case .prelu:
      let alpha = parameter(
        "\(name)/alpha", .weight, [channels(of: x)], .constant(Self.initialAlpha))
      return try builder.prelu(x, alpha: alpha)
    case .none:
      return x
    }
  }
}
