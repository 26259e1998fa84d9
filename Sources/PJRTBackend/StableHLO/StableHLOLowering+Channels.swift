import TensorGraph

// Statistics are in float32 whatever the dtype of x. Symbols as in the interpreter's formulas.
extension StableHLOLowering {
  /// Mean and variance in one pass over x: with k the first voxel of each channel and d = x - k,
  ///
  ///     mean = k + sum(d) / n;  variance = sum(d^2) / n - (sum(d) / n)^2
  ///
  /// The shift by k keeps the difference of the squares from cancelling where the mean is far from 0.
  ///
  /// Source: Chan, Golub, LeVeque 1983, "Algorithms for Computing the Sample Variance", section 3 (shifted data).
  mutating func batchNormTraining(
    _ x: HLOValue, _ scale: HLOValue, _ offset: HLOValue, _ epsilon: Double
  ) -> [HLOValue] {
    let wide = writer.convert(x, to: .f32)
    let count = count(perChannel: x)
    let shift = firstVoxel(wide)
    let shifted = writer.elementwise("subtract", wide, writer.alongChannels(shift, x.shape))
    let squares = writer.elementwise("multiply", shifted, shifted)
    let shiftedMean = writer.elementwise("divide", writer.channelSum(shifted), count)
    let meanSquare = writer.elementwise("divide", writer.channelSum(squares), count)
    let mean = writer.elementwise("add", shift, shiftedMean)
    let difference = writer.elementwise(
      "subtract", meanSquare, writer.elementwise("multiply", shiftedMean, shiftedMean))
    let variance = writer.elementwise("maximum", difference, zero(like: difference))
    return [normalised(x, scale, offset, mean, variance, epsilon), mean, variance]
  }

  /// Operands x, scale, offset, mean, variance.
  mutating func batchNormInference(_ x: [HLOValue], _ epsilon: Double) -> HLOValue {
    normalised(x[0], x[1], x[2], x[3], x[4], epsilon)
  }

  /// (x - mean) * (scale / sqrt(variance + epsilon)) + offset.
  private mutating func normalised(
    _ x: HLOValue, _ scale: HLOValue, _ offset: HLOValue, _ mean: HLOValue, _ variance: HLOValue,
    _ epsilon: Double
  ) -> HLOValue {
    let factor = writer.elementwise("multiply", scale, inverseDeviation(variance, epsilon))
    let centred = centred(x, mean)
    let scaled = writer.elementwise("multiply", centred, writer.alongChannels(factor, x.shape))
    let y = writer.elementwise("add", scaled, writer.alongChannels(offset, x.shape))
    return writer.convert(y, to: x.dtype)
  }

  /// Operands x, scale, mean, variance, dy; results dx, dscale, doffset.
  mutating func batchNormGradient(_ x: [HLOValue], _ epsilon: Double) -> [HLOValue] {
    let (x, scale, mean, variance, dy) = (x[0], x[1], x[2], x[3], writer.convert(x[4], to: .f32))
    let count = count(perChannel: x)
    let inverse = inverseDeviation(variance, epsilon)
    let normalised = writer.elementwise(
      "multiply", centred(x, mean), writer.alongChannels(inverse, x.shape))
    let doffset = writer.channelSum(dy)
    let dscale = writer.channelSum(writer.elementwise("multiply", dy, normalised))
    let meanOffset = writer.elementwise("divide", doffset, count)
    let meanScale = writer.elementwise("divide", dscale, count)
    let alongScale = writer.elementwise(
      "multiply", normalised, writer.alongChannels(meanScale, x.shape))
    let rest = writer.elementwise(
      "subtract", writer.elementwise("subtract", dy, writer.alongChannels(meanOffset, x.shape)), alongScale)
    let factor = writer.elementwise("multiply", scale, inverse)
    let dx = writer.elementwise("multiply", rest, writer.alongChannels(factor, x.shape))
    return [writer.convert(dx, to: x.dtype), dscale, doffset]
  }

  /// x - mean, in float32.
  private mutating func centred(_ x: HLOValue, _ mean: HLOValue) -> HLOValue {
    writer.elementwise("subtract", writer.convert(x, to: .f32), writer.alongChannels(mean, x.shape))
  }

  private mutating func inverseDeviation(_ variance: HLOValue, _ epsilon: Double) -> HLOValue {
    let small = writer.constant(epsilon, .scalar(.f32))
    return writer.elementwise("rsqrt", writer.elementwise("add", variance, small))
  }

  /// The number of elements of each channel.
  private mutating func count(perChannel x: HLOValue) -> HLOValue {
    writer.constant(Double(x.shape.elementCount / x.shape.channels), .scalar(.f32))
  }

  /// The channels of the first voxel.
  private mutating func firstVoxel(_ x: HLOValue) -> HLOValue {
    let rank = x.shape.rank
    let limit = Array(repeating: 1, count: rank - 1) + [x.shape.channels]
    let voxel = writer.slice(x, start: Array(repeating: 0, count: rank), limit: limit)
    return writer.reshape(voxel, to: [x.shape.channels])
  }

  // MARK: Activations

  mutating func reluGradient(_ y: HLOValue, _ dy: HLOValue) -> HLOValue {
    writer.select(writer.compare(y, "GT", zero(like: y)), dy, zero(like: dy))
  }

  mutating func prelu(_ x: HLOValue, _ alpha: HLOValue) -> HLOValue {
    let scaled = writer.elementwise("multiply", x, writer.alongChannels(alpha, x.shape))
    return writer.select(writer.compare(x, "GT", zero(like: x)), x, scaled)
  }

  mutating func preluGradient(_ x: HLOValue, _ alpha: HLOValue, _ dy: HLOValue) -> [HLOValue] {
    let isPositive = writer.compare(x, "GT", zero(like: x))
    let scaled = writer.elementwise("multiply", dy, writer.alongChannels(alpha, x.shape))
    let dx = writer.select(isPositive, dy, scaled)
    let (wide, wideDy) = (writer.convert(x, to: .f32), writer.convert(dy, to: .f32))
    let products = writer.elementwise("multiply", wide, wideDy)
    let dalpha = writer.channelSum(writer.select(isPositive, zero(like: products), products))
    return [dx, writer.convert(dalpha, to: alpha.dtype)]
  }

  mutating func softmax(_ x: HLOValue) -> HLOValue {
    let axis = x.shape.rank - 1
    let wide = writer.convert(x, to: .f32)
    let largest = writer.reduce(wide, "maximum", from: -.infinity, axes: [axis])
    let exponentials = writer.elementwise(
      "exponential", writer.elementwise("subtract", wide, alongRows(largest, x.shape)))
    let sum = writer.sum(exponentials, axes: [axis])
    let y = writer.elementwise("divide", exponentials, alongRows(sum, x.shape))
    return writer.convert(y, to: x.dtype)
  }

  mutating func softmaxGradient(_ y: HLOValue, _ dy: HLOValue) -> HLOValue {
    let (wide, wideDy) = (writer.convert(y, to: .f32), writer.convert(dy, to: .f32))
    let projection = writer.sum(writer.elementwise("multiply", wide, wideDy), axes: [y.shape.rank - 1])
    let rest = writer.elementwise("subtract", wideDy, alongRows(projection, y.shape))
    return writer.convert(writer.elementwise("multiply", wide, rest), to: y.dtype)
  }

  /// Repeats one number for each row over the row, the innermost axis.
  private mutating func alongRows(_ x: HLOValue, _ shape: Shape) -> HLOValue {
    writer.broadcast(x, to: shape, axes: Array(0..<shape.rank - 1))
  }
}

extension TensorType {
  fileprivate static func scalar(_ dtype: DType) -> TensorType { TensorType(dtype, .scalar) }
}
