// Operations that treat the channels, the innermost axis, each by itself. Element i is of channel i mod C.
extension Interpreter {
  static func biasAdd(_ x: Tensor, _ bias: Tensor) -> Tensor {
    let channels = x.shape.channels
    return map(x) { index, x in x + Double(bias.elements[index % channels]) }
  }

  static func prelu(_ x: Tensor, _ alpha: Tensor) -> Tensor {
    let channels = x.shape.channels
    return map(x) { index, x in x > 0 ? x : Double(alpha.elements[index % channels]) * x }
  }

  /// dx = dy where x is positive, else alpha * dy; dalpha = the sum of x * dy where x is not positive.
  static func preluGradient(_ x: Tensor, _ alpha: Tensor, _ dy: Tensor) -> [Tensor] {
    let channels = x.shape.channels
    let dx = map(dy) { index, dy in
      x.elements[index] > 0 ? dy : Double(alpha.elements[index % channels]) * dy
    }
    let dalpha = channelSums(x.shape) { index in
      x.elements[index] > 0 ? 0 : Double(x.elements[index]) * Double(dy.elements[index])
    }
    return [dx, Tensor(alpha.type, rounding: dalpha)]
  }

  /// Source: Ioffe and Szegedy 2015, algorithm 1.
  static func batchNormTraining(_ x: [Tensor], _ epsilon: Double, _ types: [TensorType]) -> [Tensor] {
    let (x, scale, offset) = (x[0], x[1], x[2])
    let channels = x.shape.channels
    let count = Double(x.elements.count / channels)
    let mean = channelSums(x.shape) { Double(x.elements[$0]) }.map { $0 / count }
    let variance = channelSums(x.shape) { index in
      let centred = Double(x.elements[index]) - mean[index % channels]
      return centred * centred
    }.map { $0 / count }
    let y = normalised(x, scale, offset, mean, variance, epsilon)
    return [y, Tensor(types[1], rounding: mean), Tensor(types[2], rounding: variance)]
  }

  static func batchNormInference(_ x: [Tensor], _ epsilon: Double) -> Tensor {
    normalised(x[0], x[1], x[2], x[3].elements.map(Double.init), x[4].elements.map(Double.init), epsilon)
  }

  private static func normalised(
    _ x: Tensor, _ scale: Tensor, _ offset: Tensor, _ mean: [Double], _ variance: [Double], _ epsilon: Double
  ) -> Tensor {
    let channels = x.shape.channels
    let deviation = variance.map { ($0 + epsilon).squareRoot() }
    return map(x) { index, x in
      let c = index % channels
      return (x - mean[c]) / deviation[c] * Double(scale.elements[c]) + Double(offset.elements[c])
    }
  }

  /// With x̂ = (x - mean) / sqrt(variance + epsilon) and n elements per channel:
  ///
  ///     doffset = sum(dy);  dscale = sum(dy * x̂)
  ///     dx = scale / sqrt(variance + epsilon) * (dy - doffset / n - x̂ * dscale / n)
  ///
  /// Source: Ioffe and Szegedy 2015, section 3, the gradients simplified.
  static func batchNormGradient(_ x: [Tensor], _ epsilon: Double, _ types: [TensorType]) -> [Tensor] {
    let (x, scale, mean, variance, dy) = (x[0], x[1], x[2], x[3], x[4])
    let channels = x.shape.channels
    let count = Double(x.elements.count / channels)
    let deviation = variance.elements.map { (Double($0) + epsilon).squareRoot() }
    func normalised(_ index: Int) -> Double {
      (Double(x.elements[index]) - Double(mean.elements[index % channels])) / deviation[index % channels]
    }
    let doffset = channelSums(x.shape) { Double(dy.elements[$0]) }
    let dscale = channelSums(x.shape) { Double(dy.elements[$0]) * normalised($0) }
    let dx = map(dy) { index, dy in
      let c = index % channels
      let centred = dy - doffset[c] / count - normalised(index) * dscale[c] / count
      return Double(scale.elements[c]) / deviation[c] * centred
    }
    return [dx, Tensor(types[1], rounding: dscale), Tensor(types[2], rounding: doffset)]
  }

  /// For each channel the sum of `element(i)` over the indices i of its elements.
  private static func channelSums(_ shape: Shape, _ element: (Int) -> Double) -> [Double] {
    var sums = [Double](repeating: 0, count: shape.channels)
    for index in 0..<shape.elementCount { sums[index % shape.channels] += element(index) }
    return sums
  }
}
