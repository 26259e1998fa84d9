import TensorGraph

/// How a composition repeats one number per image and channel.
public enum StatisticsShape: String, CaseIterable, Sendable {
  case perChannel = "[N, C]"
  case ofBatchRank = "[N, 1, 1, 1, C]"
}

extension GraphBuilder {
  /// max(x, slope x), as a graph composes it.
  public mutating func composedLeakyReLU(_ x: Value, slope: Double = 0.01) throws(ShapeError) -> Value {
    let factor = constant(slope, TensorType(type(of: x).dtype, .scalar))
    return try maximum(x, try multiply(x, factor))
  }

  /// (x - mean) / sqrt(variance + epsilon) * scale + offset with the statistics of each image and channel, as a graph
  /// composes it. Source: Ulyanov et al., "Instance Normalization", arXiv 1607.08022.
  public mutating func composedInstanceNorm(
    _ x: Value, scale: Value, offset: Value, epsilon: Double = 1e-3, _ statistics: StatisticsShape
  ) throws(ShapeError) -> Value {
    let shape = shape(of: x)
    let share = constant(1 / Double(shape[1] * shape[2] * shape[3]))
    let mean = try multiply(try reduceSum(x, axes: [1, 2, 3]), share)
    let centred = try subtract(x, try repeated(mean, to: shape, statistics))
    let squares = try reduceSum(try multiply(centred, centred), axes: [1, 2, 3])
    let deviation = try squareRoot(try add(try multiply(squares, share), constant(epsilon)))
    let normalised = try divide(centred, try repeated(deviation, to: shape, statistics))
    return try biasAdd(try multiply(normalised, try broadcast(scale, to: shape, axes: [4])), offset)
  }

  private mutating func repeated(
    _ x: Value, to shape: Shape, _ statistics: StatisticsShape
  ) throws(ShapeError) -> Value {
    switch statistics {
    case .perChannel: return try broadcast(x, to: shape, axes: [0, 4])
    case .ofBatchRank:
      let column = try reshape(x, to: [shape[0], 1, 1, 1, shape[4]])
      return try broadcast(column, to: shape, axes: [0, 1, 2, 3, 4])
    }
  }
}

/// Convolution, instance norm, leaky ReLU, convolution: activations and normalisations that the graph composes, in the
/// layout that convolutions choose. The larger grid has more voxels than one pass takes at a time.
let compositionCases: [GraphCase] =
  [(1, [5, 6, 5]), (3, [4, 3, 4])].flatMap { kernel, extents in
    [16, 17].flatMap { channels in
      StatisticsShape.allCases.map { composedLayersCase(kernel, extents, channels, $0) }
    }
  } + [
    graphCase("composition/functions of zero that are not zero, 17 channels") { c in
      let x = c.input("x", [2, 3, 4, 3, 17])
      let (y, w) = try c.convolved(x, "w", to: 17, kernel: 1)
      let shifted = try c.builder.add(try c.builder.unary(.exp, y), c.builder.constant(0.5))
      let bounded = try c.builder.minimum(try c.builder.divide(shifted, y), c.builder.constant(2))
      c.builder.output("bounded", bounded)
      // One y is so near 0 that the order of a convolution's sum shows in the quotient.
      c.tolerance = 1e-4
      c.builder.output("is finite", try c.builder.unary(.isFinite, bounded))
      let (z, v) = try c.convolved(shifted, "v", to: 16, kernel: 1)
      c.difference = FiniteDifference(step: 1e-3, tolerance: 2e-2)
      // All elements: what padding held would be summed, too.
      let loss = try c.builder.add(
        try c.builder.reduceSum(shifted), try c.builder.reduceSum(try c.builder.multiply(z, z)))
      try c.differentiate(loss: loss, [x, w, v])
    },
    graphCase("composition/comparison kept for later, 17 channels") { c in
      let x = c.input("x", [1, 3, 4, 3, 17])
      let (y, w) = try c.convolved(x, "w", to: 17, kernel: 1)
      let isLarge = try c.builder.compare(try c.builder.unary(.abs, y), .greater, c.builder.constant(0.5))
      let sum = try c.builder.reduceSum(y, axes: [1, 2, 3])
      let centred = try c.builder.subtract(
        y, try c.builder.broadcast(sum, to: [1, 3, 4, 3, 17], axes: [0, 4]))
      c.builder.output("is large", isLarge)
      c.difference = FiniteDifference(step: 1e-3, tolerance: 2e-2)
      try c.differentiate(try c.builder.select(isLarge, centred, y), x, w)
    },
    graphCase("composition/one number for all, 16 channels") { c in
      let x = c.input("x", [2, 3, 4, 3, 16])
      let (y, w) = try c.convolved(x, "w", to: 16, kernel: 1)
      let total = try c.builder.reduceSum(y)
      let wide = try c.builder.broadcast(total, to: [2, 3, 4, 3, 16], axes: [])
      try c.differentiate(try c.builder.multiply(y, try c.builder.add(wide, y)), x, w)
    },
  ]

private func composedLayersCase(
  _ kernel: Int, _ extents: [Int], _ channels: Int, _ statistics: StatisticsShape
) -> GraphCase {
  let layers = "convolution \(kernel), instance norm \(statistics.rawValue), leaky relu"
  return graphCase("composition/\(layers), \(channels) channels") { c in
    let x = c.input("x", Shape([2] + extents + [channels]))
    let (y, w1) = try c.convolved(x, "w1", to: channels, kernel: kernel)
    let affine = ScaleAndOffset(&c, channels: channels)
    let norm = try c.builder.composedInstanceNorm(
      y, scale: affine.scale, offset: affine.offset, statistics)
    let activated = try c.builder.composedLeakyReLU(norm)
    let (result, w2) = try c.convolved(activated, "w2", to: channels, kernel: kernel)
    c.tolerance = 1e-4
    c.difference = FiniteDifference(step: 1e-4, tolerance: 0.1)
    try c.differentiate(result, x, w1, affine.scale, affine.offset, w2)
  }
}

/// The same as mixed precision rewrites it. Gradients without the leaky ReLU: near 0 it depends on the backend's rounding
/// which slope passes them on.
let halfCompositionCases: [GraphCase] = [16, 17].flatMap { channels in
  [true, false].map { isActivated in
    graphCase(
      "composition/instance norm\(isActivated ? ", leaky relu" : "") in bf16, \(channels) channels"
    ) { c in
      let x = c.input("x", [2, 5, 6, 5, channels])
      let (y, w1) = try c.convolved(x, "w1", to: channels, kernel: 1)
      let affine = ScaleAndOffset(&c, channels: channels)
      let norm = try c.builder.composedInstanceNorm(
        y, scale: affine.scale, offset: affine.offset, .perChannel)
      let activated = isActivated ? try c.builder.composedLeakyReLU(norm) : norm
      let (result, w2) = try c.convolved(activated, "w2", to: channels, kernel: 1)
      c.tolerance = 5e-2
      c.builder.output("result", result)
      if !isActivated { try c.giveRoundedGradients(result, [x, w1, affine.scale, affine.offset, w2]) }
      try c.rewriteForMixedPrecision(.bf16)
    }
  }
}

extension CaseBuilder {
  /// Gives back gradients that a later rewrite rounds on the way.
  fileprivate mutating func giveRoundedGradients(_ result: Value, _ parameters: [Value]) throws {
    let weights = input("cotangent", builder.shape(of: result))
    let loss = try builder.reduceSum(try builder.multiply(result, weights))
    for (index, gradient) in try builder.gradients(of: loss, withRespectTo: parameters).enumerated() {
      builder.output("rounded gradient \(index)", gradient)
    }
  }
}
