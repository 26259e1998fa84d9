import TensorGraph

// Measures of overlap of probabilities p and truth t (0 or 1), summed over the voxels of a sample, `[N, classes]`, or
// of the batch, `[classes]`.
extension GraphBuilder {
  /// Added to numerator and denominator: a class that nobody sees is perfect, not undefined.
  private static let smoothing = 1e-6

  /// Soft Dice of each class:
  ///
  ///     (2 sum(p t) + 1e-6) / (sum(p) + sum(t) + 1e-6)      or sum(p^2) for sum(p)
  ///
  /// Source: the reference system's metric (Sorensen); with squares Milletari et al. 2016, section 3.
  package mutating func dice(
    _ overlap: Overlap, _ squaresDenominator: Bool, _ probabilities: Value, _ truth: Value
  ) throws(ShapeError) -> Value {
    let smoothing = constant(Self.smoothing)
    let axes = overlap.summedAxes
    let both = try reduceSum(try multiply(probabilities, truth), axes: axes)
    let predicted = squaresDenominator ? try multiply(probabilities, probabilities) : probabilities
    let sum = try add(try reduceSum(predicted, axes: axes), try reduceSum(truth, axes: axes))
    let numerator = try add(try multiply(both, constant(2)), smoothing)
    return try divide(numerator, try add(sum, smoothing))
  }

  /// The Tversky index of each class, with weights a of false positives and b of false negatives:
  ///
  ///     (sum(p t) + 1e-6) / (sum(p t) + a sum(p (1 - t)) + b sum((1 - p) t) + 1e-6)
  mutating func tversky(
    _ overlap: Overlap, _ weights: ErrorWeights, _ probabilities: Value, _ truth: Value
  ) throws(ShapeError) -> Value {
    let smoothing = constant(Self.smoothing)
    let axes = overlap.summedAxes
    let both = try reduceSum(try multiply(probabilities, truth), axes: axes)
    let falsePositives = try subtract(try reduceSum(probabilities, axes: axes), both)
    let falseNegatives = try subtract(try reduceSum(truth, axes: axes), both)
    let errors = try add(
      try multiply(falsePositives, constant(weights.falsePositives)),
      try multiply(falseNegatives, constant(weights.falseNegatives)))
    return try divide(try add(both, smoothing), try add(try add(both, errors), smoothing))
  }

  /// The sum or the weighted mean over classes of 1 - overlap, where the overlap of samples is averaged.
  ///
  /// - Parameters:
  ///   - measures: `[classes]` or `[N, classes]`.
  ///   - hasBackground: whether the first class is the background.
  mutating func overlapLoss(
    _ overlap: Overlap, _ measures: Value, hasBackground: Bool
  ) throws(ShapeError) -> Value {
    let (shape, classCount) = (shape(of: measures), shape(of: measures).channels)
    let weights = overlap.weights(classCount: classCount, hasBackground: hasBackground)
    var weighted = measures
    if weights.contains(where: { $0 != 1 }) {
      weighted = try multiply(measures, try broadcast(try vector(weights), to: shape, axes: [shape.rank - 1]))
    }
    let sampleCount = shape.elementCount / classCount
    let total = weights.reduce(0, +)
    let mean = try divide(try reduceSum(weighted), constant(Double(sampleCount)))
    let loss = try subtract(constant(total), mean)
    return overlap.averagesClasses ? try divide(loss, constant(total)) : loss
  }

  /// Numbers as a tensor of rank 1.
  mutating func vector(_ numbers: [Double]) throws(ShapeError) -> Value {
    var parts: [Value] = []
    for number in numbers { parts.append(constant(number, TensorType(.f32, [1]))) }
    return try concatenate(parts, axis: 0)
  }
}

extension Overlap {
  /// The axes of `[N, D', H', W', classes]` that an overlap sums over.
  fileprivate var summedAxes: [Int] { isPerBatch ? [0, 1, 2, 3] : [1, 2, 3] }

  /// The weight of each class's overlap, the background, where there is one, first.
  fileprivate func weights(classCount: Int, hasBackground: Bool) -> [Double] {
    var weights = classWeights.isEmpty ? Array(repeating: 1, count: classCount) : classWeights
    if hasBackground && !includesBackground { weights[0] = 0 }
    return weights
  }
}
