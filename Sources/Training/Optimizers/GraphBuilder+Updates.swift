import TensorGraph

/// A weight as the optimiser knows it: its name and its value in the graph.
public struct NamedWeight {
  public var name: String
  public var value: Value

  public init(name: String, value: Value) {
    self.name = name
    self.value = value
  }
}

/// The names of the outputs that `GraphBuilder.trainingUpdates` appends.
public enum UpdateOutput {
  /// The global norm of the gradients before clipping; not finite where a dynamic loss scale skipped the step.
  public static let gradientNorm = "gradient_norm"
  /// The loss scale of this step; there only with one.
  public static let lossScale = "loss_scale"
}

extension GraphBuilder {
  /// Appends the backward pass, clipping by the global norm and the optimiser's updates.
  ///
  /// Order: backward on the scaled loss, mean over replicas, finite check, unscale, clip, update. The outputs are those
  /// of `UpdateOutput`. A skipped step leaves every persistent parameter as it was, those updated so far in the graph
  /// included, except for the loss scale itself.
  ///
  /// - Parameters:
  ///   - loss: a scalar.
  ///   - clipNorm: gradients are scaled down to this global norm where theirs is larger; nil leaves them.
  ///   - learningRate: a scalar input.
  ///   - replica: averages the gradients over replicas; nil where there is one.
  /// - Throws: `AutodiffError` when some operation of the loss has no gradient.
  public mutating func trainingUpdates(
    loss: Value, weights: [NamedWeight], optimizer: Optimizer, clipNorm: Double? = nil,
    lossScale scaling: LossScale = .none, learningRate: Value, replica: ReplicaShare? = nil
  ) throws(AutodiffError) {
    let lossScale = lossScaleValue(scaling)
    let gradients = try gradients(of: loss, weights.map(\.value), lossScale, replica)
    do throws(ShapeError) {
      let scaledNorm = try globalNorm(gradients)
      let norm = try lossScale.map { scale throws(ShapeError) in try divide(scaledNorm, scale) } ?? scaledNorm
      output(UpdateOutput.gradientNorm, norm)
      var gradientScale = try clipNorm.map { clip throws(ShapeError) in try clipScale(norm, clip) }
      if let lossScale {
        output(UpdateOutput.lossScale, lossScale)
        gradientScale = try divide(gradientScale ?? constant(1), lossScale)
      }
      let rate = try optimizer.effectiveRate(&self, learningRate)
      var decay = optimizer.weightDecay.flatMap { $0 == 0 ? nil : constant($0) }
      if scaling == .dynamic, let lossScale {
        let isFinite = try unary(.isFinite, scaledNorm)
        try condition(updatesOn: isFinite)
        gradientScale = try select(isFinite, gradientScale ?? constant(1), constant(0))
        if let wanted = decay { decay = try select(isFinite, wanted, constant(0)) }
        try lossScaleUpdates(lossScale, isFinite)
      }
      var starts = weights.map(\.value)
      if let decay {
        for index in starts.indices { starts[index] = try decayed(starts[index], learningRate, decay) }
      }
      try updates(weights, from: starts, gradients, optimizer, rate, gradientScale ?? constant(1))
    } catch {
      throw .shape(error)
    }
  }

  /// sqrt(sum over all gradients of the sum of their squares).
  private mutating func globalNorm(_ gradients: [Value]) throws(ShapeError) -> Value {
    var sum = constant(0)
    for gradient in gradients { sum = try add(sum, try reduceSum(try multiply(gradient, gradient))) }
    return try squareRoot(sum)
  }

  /// clip / max(norm, clip).
  ///
  /// Source: TensorFlow, `clip_by_global_norm`; Pascanu et al. 2013, algorithm 1.
  private mutating func clipScale(_ norm: Value, _ clip: Double) throws(ShapeError) -> Value {
    let limit = constant(clip)
    return try divide(limit, try maximum(norm, limit))
  }

  /// w - rate * decay * w: a step of gradient descent along the weight itself.
  private mutating func decayed(_ weight: Value, _ rate: Value, _ decay: Value) throws(ShapeError) -> Value {
    try apply(.optimizerUpdate(.sgd(momentum: 0, nesterov: false)), weight, weight, rate, decay)
  }

  /// - Parameter starts: the contents from which the steps start.
  private mutating func updates(
    _ weights: [NamedWeight], from starts: [Value], _ gradients: [Value], _ optimizer: Optimizer,
    _ rate: Value,
    _ gradientScale: Value
  ) throws(ShapeError) {
    let rule = optimizer.rule
    for (index, (weight, gradient)) in zip(weights, gradients).enumerated() {
      let type = type(of: weight.value)
      var slots: [Value] = []
      for slot in rule.slots {
        slots.append(parameter(Optimizer.slotName(weight.name, slot), .state, type))
      }
      let results = try apply(.optimizerUpdate(rule), [starts[index], gradient, rate, gradientScale] + slots)
      for (old, new) in zip([weight.value] + slots, results) { update(old, with: new) }
    }
  }
}
