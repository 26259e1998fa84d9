import TensorGraph

/// The layers of a network, each appended to the graph under construction under its own name, all in one style.
struct Layers {
  /// Source: the reference system's batch norm.
  private static let batchNormEpsilon = 1e-3
  /// Source: He et al. 2015, section 2.1: PReLU's alpha starts at 0.25.
  private static let initialAlpha: Float = 0.25

  var builder: GraphBuilder
  let mode: ForwardMode
  private(set) var parameters: [ModelParameter] = []
  private let style: LayerStyle

  init(_ builder: GraphBuilder, _ style: LayerStyle, _ mode: ForwardMode) {
    self.builder = builder
    self.style = style
    self.mode = mode
  }

  private var kernelInitializer: Initializer {
    switch style.weightInitialization {
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

  // MARK: Convolutions

  /// A convolution with bias; where it strides, kernels of odd extent are centred on the voxels that are kept.
  mutating func convolution(
    _ name: String, _ x: Value, channels: Int, size: Int, stride: Int = 1
  ) throws(ShapeError) -> Value {
    let shape = builder.shape(of: x)
    let weights = parameter(
      "\(name)/kernel", .weight, [size, size, size, shape.channels, channels], kernelInitializer)
    let bias = parameter("\(name)/bias", .weight, [channels], .constant(0))
    let axes = (1...3).map { windowAxis(input: shape[$0], size: size, stride: stride) }
    return try builder.biasAdd(try builder.convolution(x, weights, ConvolutionWindow(axes)), bias)
  }

  private func windowAxis(input: Int, size: Int, stride: Int) -> WindowAxis {
    switch style.padding {
    case .valid: return WindowAxis(stride: stride)
    case .same:
      let same = WindowAxis.same(input: input, kernel: size, stride: stride)
      let before = (size - 1) / 2
      return WindowAxis(stride: stride, before: before, after: max(0, same.before + same.after - before))
    }
  }

  /// A convolution with norm and activation.
  mutating func convolutionUnit(
    _ name: String, _ x: Value, channels: Int, size: Int, stride: Int = 1
  ) throws(ShapeError) -> Value {
    let y = try convolution("\(name)/conv", x, channels: channels, size: size, stride: stride)
    return try activated("\(name)/activation", try normalized("\(name)/norm", y))
  }

  /// A transposed convolution of 2^3, stride 2, with bias: twice the grid.
  mutating func doubled(_ name: String, _ x: Value, channels: Int) throws(ShapeError) -> Value {
    let shape = builder.shape(of: x)
    let output: Shape = [shape[0], 2 * shape[1], 2 * shape[2], 2 * shape[3], channels]
    let window = ConvolutionWindow(Array(repeating: WindowAxis(stride: 2), count: 3))
    let weights = parameter("\(name)/kernel", .weight, [2, 2, 2, channels, shape[4]], kernelInitializer)
    let bias = parameter("\(name)/bias", .weight, [channels], .constant(0))
    return try builder.biasAdd(
      try builder.transposedConvolution(x, weights, window, outputShape: output), bias)
  }

  // MARK: Grids

  /// x and the skip, cropped to x's grid, joined along the channels.
  mutating func concatenated(_ x: Value, _ skip: Value) throws(ShapeError) -> Value {
    try builder.concatenate([x, try cropped(skip, to: builder.shape(of: x))], axis: 4)
  }

  /// The middle of x on a smaller grid.
  mutating func cropped(_ x: Value, to target: Shape) throws(ShapeError) -> Value {
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

  // MARK: Normalisation

  mutating func normalized(_ name: String, _ x: Value) throws(ShapeError) -> Value {
    switch style.normalization {
    case .none:
      return x
    case .instance:
      let (scale, offset) = scaleAndOffset(name, channels(of: x))
      return try builder.instanceNorm(x, scale: scale, offset: offset)
    case .batch(let momentum):
      return try batchNorm(name, x, momentum)
    }
  }

  private mutating func scaleAndOffset(_ name: String, _ channels: Int) -> (scale: Value, offset: Value) {
    (
      parameter("\(name)/scale", .weight, [channels], .constant(1)),
      parameter("\(name)/offset", .weight, [channels], .constant(0))
    )
  }

  private mutating func batchNorm(_ name: String, _ x: Value, _ momentum: Double) throws(ShapeError) -> Value
  {
    let (scale, offset) = scaleAndOffset(name, channels(of: x))
    let mean = parameter("\(name)/mean", .state, [channels(of: x)], .constant(0))
    let variance = parameter("\(name)/variance", .state, [channels(of: x)], .constant(1))
    switch mode {
    case .inference:
      return try builder.batchNormInference(
        x, scale: scale, offset: offset, mean: mean, variance: variance, epsilon: Self.batchNormEpsilon)
    case .training:
      let batch = try builder.batchNormTraining(
        x, scale: scale, offset: offset, epsilon: Self.batchNormEpsilon)
      try updateMovingAverage(of: mean, with: batch.mean, momentum)
      try updateMovingAverage(of: variance, with: batch.variance, momentum)
      return batch.y
    }
  }

  /// moving = momentum * moving + (1 - momentum) * batch; the variance is the biased one, as in TensorFlow's
  /// batch norm of rank-5 inputs, which is not fused.
  private mutating func updateMovingAverage(
    of moving: Value, with batch: Value, _ momentum: Double
  ) throws(ShapeError) {
    let kept = try builder.multiply(moving, builder.constant(momentum))
    let added = try builder.multiply(batch, builder.constant(1 - momentum))
    builder.update(moving, with: try builder.add(kept, added))
  }

  // MARK: Activation

  mutating func activated(_ name: String, _ x: Value) throws(ShapeError) -> Value {
    switch style.activation {
    case .relu:
      return try builder.relu(x)
    case .prelu:
      let alpha = parameter("\(name)/alpha", .weight, [channels(of: x)], .constant(Self.initialAlpha))
      return try builder.prelu(x, alpha: alpha)
    case .leakyReLU:
      return try builder.leakyReLU(x)
    case .none:
      return x
    }
  }
}
