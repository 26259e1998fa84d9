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

extension GraphBuilder {
  /// Appends the backward pass, clipping by the global norm and the optimiser's updates.
  ///
  /// Order: backward, norm, clip, update. Output `gradient_norm`: the global norm before clipping.
  ///
  /// - Parameters:
  ///   - loss: a scalar.
  ///   - learningRate: a scalar input.
  /// - Throws: `AutodiffError` when some operation of the loss has no gradient.
  public mutating func trainingUpdates(
    loss: Value, weights: [NamedWeight], optimizer: Optimizer, learningRate: Value
  ) throws(AutodiffError) {
    let gradients = try gradients(of: loss, withRespectTo: weights.map(\.value))
    do throws(ShapeError) {
      let norm = try globalNorm(gradients)
      output("gradient_norm", norm)
      let scale = try optimizer.clipNorm.map { clip throws(ShapeError) in try clipScale(norm, clip) }
      try updates(weights, gradients, optimizer, learningRate, scale ?? constant(1))
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

  private mutating func updates(
    _ weights: [NamedWeight], _ gradients: [Value], _ optimizer: Optimizer, _ learningRate: Value,
    _ gradientScale: Value
  ) throws(ShapeError) {
    let rate = try optimizer.effectiveRate(&self, learningRate)
    let rule = optimizer.rule
    for (weight, gradient) in zip(weights, gradients) {
      let type = type(of: weight.value)
      var slots: [Value] = []
      for slot in rule.slots {
        slots.append(parameter(Optimizer.slotName(weight.name, slot), .state, type))
      }
      let results = try apply(.optimizerUpdate(rule), [weight.value, gradient, rate, gradientScale] + slots)
      for (old, new) in zip([weight.value] + slots, results) { update(old, with: new) }
    }
  }
}
