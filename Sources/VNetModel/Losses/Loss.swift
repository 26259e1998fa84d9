import TensorGraph

/// What training makes small.
public enum Loss: String, Codable, Sendable, CaseIterable {
  /// The sum over all classes, the background included, of 1 - mean over the batch of soft Dice.
  ///
  /// Source: the reference system's loss; Milletari et al. 2016, section 3, with plain sums for squared ones.
  case dice
}

/// A loss in a graph, with the figures that it is made of.
public struct LossValues {
  /// A scalar.
  public var loss: Value
  /// Soft Dice of each class of each sample, `[N, classes]`.
  public var softDice: Value
  /// Softmax of the logits, `[N, D', H', W', classes]`.
  public var probabilities: Value
}

extension GraphBuilder {
  /// Appends a loss.
  ///
  /// - Parameters:
  ///   - logits: `[N, D', H', W', classes]`.
  ///   - labels: class indices (i32), `[N, D', H', W']`.
  public mutating func loss(
    _ loss: Loss, logits: Value, labels: Value
  ) throws(ShapeError) -> LossValues {
    let probabilities = try softmax(logits)
    let truth = try oneHot(labels, depth: shape(of: logits).channels)
    let dice = try softDice(probabilities: probabilities, truth: truth)
    switch loss {
    case .dice:
      let (samples, classes) = (shape(of: dice)[0], shape(of: dice)[1])
      let sum = try divide(try reduceSum(dice), constant(Double(samples)))
      return LossValues(
        loss: try subtract(constant(Double(classes)), sum), softDice: dice, probabilities: probabilities)
    }
  }

  /// Soft Dice of each class of each sample, `[N, classes]`:
  ///
  ///     (2 sum(p t) + 1e-6) / (sum(p) + sum(t) + 1e-6)   over D', H', W'
  ///
  /// Source: the reference system's metric (Sorensen).
  private mutating func softDice(probabilities: Value, truth: Value) throws(ShapeError) -> Value {
    let (voxels, smoothing) = ([1, 2, 3], constant(1e-6))
    let both = try reduceSum(try multiply(probabilities, truth), axes: voxels)
    let sum = try add(
      try reduceSum(probabilities, axes: voxels), try reduceSum(truth, axes: voxels))
    let numerator = try add(try multiply(both, constant(2)), smoothing)
    return try divide(numerator, try add(sum, smoothing))
  }
}
