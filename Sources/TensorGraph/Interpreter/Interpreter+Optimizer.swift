extension Interpreter {
  /// One step of `rule` for each element. Operands w, g, lr, gradient scale, slots; results the new w and slots.
  static func optimizerUpdate(_ x: [Tensor], _ rule: OptimizerRule) -> [Tensor] {
    let (weight, learningRate, gradientScale) = (x[0], Double(x[2].elements[0]), Double(x[3].elements[0]))
    let slots = x[4...]
    if gradientScale == 0 { return [weight] + slots }  // A skipped step.
    var results = Array(repeating: [Double](), count: 1 + slots.count)
    for index in weight.elements.indices {
      let gradient = Double(x[1].elements[index]) * gradientScale
      let (step, newSlots) = rule.step(gradient, slots.map { Double($0.elements[index]) }, learningRate)
      results[0].append(Double(weight.elements[index]) - step)
      for (slot, value) in newSlots.enumerated() { results[1 + slot].append(value) }
    }
    return results.map { Tensor(weight.type, rounding: $0) }
  }
}

extension OptimizerRule {
  /// What is taken off one weight, and the new content of its slots: the formulas of the rule's cases.
  fileprivate func step(
    _ g: Double, _ slots: [Double], _ learningRate: Double
  ) -> (step: Double, slots: [Double]) {
    switch self {
    case .sgd(let momentum, let nesterov):
      guard momentum != 0 else { return (learningRate * g, []) }
      let velocity = momentum * slots[0] + g
      return (learningRate * (nesterov ? g + momentum * velocity : velocity), [velocity])
    case .rmsprop(let decay, let epsilon, let momentum):
      let meanSquare = decay * slots[0] + (1 - decay) * g * g
      let meanGradient = decay * slots[1] + (1 - decay) * g
      let step = learningRate * g / (meanSquare - meanGradient * meanGradient + epsilon).squareRoot()
      guard momentum != 0 else { return (step, [meanSquare, meanGradient]) }
      let moved = momentum * slots[2] + step
      return (moved, [meanSquare, meanGradient, moved])
    case .adam(let beta1, let beta2, let epsilon):
      let first = beta1 * slots[0] + (1 - beta1) * g
      let second = beta2 * slots[1] + (1 - beta2) * g * g
      return (learningRate * first / (second.squareRoot() + epsilon), [first, second])
    }
  }
}
