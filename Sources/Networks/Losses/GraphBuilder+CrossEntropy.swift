import TensorGraph

// Losses of single voxels. Of classes a voxel has one, its true class; of regions each is a question of its own.
extension GraphBuilder {
  /// The weighted mean over voxels of -log p of the true class:
  ///
  ///     sum(w -log p) / sum(w)      w: the weight of the voxel's true class
  ///
  /// Of regions, over voxels and regions: of -log p inside and -log(1 - p) outside, with the regions' weights.
  mutating func crossEntropy(
    _ classWeights: [Double], _ operands: LossOperands, _ targets: Targets
  ) throws(ShapeError) -> Value {
    switch targets.outputs {
    case .classes: try weightedMean(classWeights, try classSurprise(operands), operands)
    case .regions: try weightedMeanOfRegions(classWeights, try regionSurprise(operands), operands)
    }
  }

  /// The weighted mean over voxels of (1 - p)^exponent (-log p) of the true class; of regions over voxels and regions, with
  /// 1 - p for p outside.
  mutating func focalLoss(
    _ exponent: Int, _ classWeights: [Double], _ operands: LossOperands, _ targets: Targets
  ) throws(ShapeError) -> Value {
    switch targets.outputs {
    case .classes:
      var loss = try classSurprise(operands)
      let doubt = try subtract(constant(1), try ofTrueClass(operands.probabilities, operands.truth))
      for _ in 0..<exponent { loss = try multiply(loss, doubt) }
      return try weightedMean(classWeights, loss, operands)
    case .regions:
      var loss = try regionSurprise(operands)
      let (p, t) = (operands.probabilities, operands.truth)
      let both = try multiply(p, t)
      let doubt = try subtract(try add(p, t), try multiply(both, constant(2)))
      for _ in 0..<exponent { loss = try multiply(loss, doubt) }
      return try weightedMeanOfRegions(classWeights, loss, operands)
    }
  }

  // MARK: Classes

  /// -log p of the true class, `[N, D', H', W']`.
  private mutating func classSurprise(_ operands: LossOperands) throws(ShapeError) -> Value {
    try subtract(
      try logarithmOfSum(operands.logits, operands.probabilities),
      try ofTrueClass(operands.logits, operands.truth))
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

  /// The mean over voxels, each with the weight of its true class. An ignored voxel has no true class, and weighs nothing.
  private mutating func weightedMean(
    _ classWeights: [Double], _ x: Value, _ operands: LossOperands
  ) throws(ShapeError) -> Value {
    let target = shape(of: operands.truth)
    guard classWeights.contains(where: { $0 != 1 }) else {
      return try meanOfCounted(x, operands.counted)
    }
    let repeated = try broadcast(try vector(classWeights), to: target, axes: [target.rank - 1])
    let weight = try ofTrueClass(repeated, operands.truth)
    let sum = try reduceSum(try multiply(x, weight))
    let total = try reduceSum(weight)
    return try divide(
      sum, operands.counted == nil ? total : try maximum(total, constant(Self.leastWeight)))
  }

  /// The mean of the voxels that count, of `[N, D', H', W']`; 0 where none does.
  private mutating func meanOfCounted(_ x: Value, _ counted: Value?) throws(ShapeError) -> Value {
    guard let counted else {
      return try divide(try reduceSum(x), constant(Double(shape(of: x).elementCount)))
    }
    let count = try maximum(try reduceSum(counted), constant(1))
    return try divide(try reduceSum(try multiply(x, counted)), count)
  }

  /// What a sum of weights counts as where all voxels are ignored.
  private static let leastWeight = 1e-6

  // MARK: Regions

  /// -log p inside a region and -log(1 - p) outside, `[N, D', H', W', regions]`:
  ///
  ///     log(1 + exp(x)) - x t = max(x, 0) - log(max(p, 1 - p)) - x t
  ///
  /// The larger of p and 1 - p is not small, so that nothing overflows.
  private mutating func regionSurprise(_ operands: LossOperands) throws(ShapeError) -> Value {
    let (x, p) = (operands.logits, operands.probabilities)
    let isLikely = try compare(x, .greater, constant(0))
    let larger = try select(isLikely, p, try subtract(constant(1), p))
    let positive = try select(isLikely, x, constant(0))
    let softplus = try subtract(positive, try unary(.log, larger))
    return try subtract(softplus, try multiply(x, operands.truth))
  }

  /// The mean over voxels of the weighted mean over regions of `[N, D', H', W', regions]`.
  private mutating func weightedMeanOfRegions(
    _ weights: [Double], _ x: Value, _ operands: LossOperands
  ) throws(ShapeError) -> Value {
    let shape = shape(of: x)
    let last = shape.rank - 1
    guard weights.contains(where: { $0 != 1 }) else {
      let mean = try divide(try reduceSum(x, axes: [last]), constant(Double(shape.channels)))
      return try meanOfCounted(mean, operands.counted)
    }
    let weighted = try multiply(x, try broadcast(try vector(weights), to: shape, axes: [last]))
    let mean = try divide(try reduceSum(weighted, axes: [last]), constant(weights.reduce(0, +)))
    return try meanOfCounted(mean, operands.counted)
  }
}
