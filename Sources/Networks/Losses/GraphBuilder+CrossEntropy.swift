import TensorGraph

extension GraphBuilder {
  /// The weighted mean over voxels of -log p of the true class:
  ///
  ///     sum(w -log p) / sum(w)      w: the weight of the voxel's true class
  mutating func crossEntropy(
    _ classWeights: [Double], _ logits: Value, _ probabilities: Value, _ truth: Value
  ) throws(ShapeError) -> Value {
    let surprise = try subtract(
      try logarithmOfSum(logits, probabilities), try ofTrueClass(logits, truth))
    return try weightedMean(classWeights, surprise, truth)
  }

  /// The weighted mean over voxels of (1 - p)^exponent (-log p) of the true class.
  mutating func focalLoss(
    _ exponent: Int, _ classWeights: [Double], _ logits: Value, _ probabilities: Value, _ truth: Value
  ) throws(ShapeError) -> Value {
    var loss = try subtract(try logarithmOfSum(logits, probabilities), try ofTrueClass(logits, truth))
    let doubt = try subtract(constant(1), try ofTrueClass(probabilities, truth))
    for _ in 0..<exponent { loss = try multiply(loss, doubt) }
    return try weightedMean(classWeights, loss, truth)
  }

  /// log(sum(exp(x))) over the classes of each voxel, by way of the most probable class m, whose probability is not
  /// small, so that nothing overflows:
  ///
  ///     x_m - log(p_m)
  private mutating func logarithmOfSum(
    _ logits: Value, _ probabilities: Value
  ) throws(ShapeError) -> Value {
    let best = try argmax(probabilities, axis: shape(of: logits).rank - 1)
    let isBest = try oneHot(best, depth: shape(of: logits).channels)
    let logarithm = try unary(.log, try ofTrueClass(probabilities, isBest))
    return try subtract(try ofTrueClass(logits, isBest), logarithm)
  }

  /// The value of one class at each voxel, that where `truth` is 1: `[N, D', H', W']`.
  private mutating func ofTrueClass(_ x: Value, _ truth: Value) throws(ShapeError) -> Value {
    try reduceSum(try multiply(x, truth), axes: [shape(of: x).rank - 1])
  }

  /// The mean over voxels, each with the weight of its true class.
  private mutating func weightedMean(
    _ classWeights: [Double], _ x: Value, _ truth: Value
  ) throws(ShapeError) -> Value {
    let target = shape(of: truth)
    guard classWeights.contains(where: { $0 != 1 }) else {
      return try divide(try reduceSum(x), constant(Double(shape(of: x).elementCount)))
    }
    let repeated = try broadcast(try vector(classWeights), to: target, axes: [target.rank - 1])
    let weight = try ofTrueClass(repeated, truth)
    return try divide(try reduceSum(try multiply(x, weight)), try reduceSum(weight))
  }
}
