import TensorGraph

extension StableHLOLowering {
  /// One step of `rule`. Operands w, g, lr, gradient scale, slots; results the new w and slots. A gradient scale of 0
  /// keeps the old ones.
  mutating func optimizerUpdate(_ x: [HLOValue], _ rule: OptimizerRule) -> [HLOValue] {
    let (weight, learningRate, scale) = (x[0], x[2], x[3])
    let slots = Array(x[4...])
    let gradient = writer.elementwise("multiply", x[1], scale)
    let (step, newSlots) = step(rule, gradient, slots, learningRate)
    let new = [writer.elementwise("subtract", weight, step)] + newSlots
    let isTaken = writer.compare(scale, "NE", zero(like: scale))
    return zip(new, [weight] + slots).map { writer.select(isTaken, $0, $1) }
  }

  /// What is taken off the weight, and the new content of the slots: the formulas of the rule's cases.
  private mutating func step(
    _ rule: OptimizerRule, _ g: HLOValue, _ slots: [HLOValue], _ learningRate: HLOValue
  ) -> (step: HLOValue, slots: [HLOValue]) {
    switch rule {
    case .sgd(let momentum, let nesterov):
      guard momentum != 0 else { return (writer.elementwise("multiply", g, learningRate), []) }
      let velocity = writer.elementwise("add", scaled(slots[0], by: momentum), g)
      let ahead = nesterov ? writer.elementwise("add", g, scaled(velocity, by: momentum)) : velocity
      return (writer.elementwise("multiply", ahead, learningRate), [velocity])
    case .rmsprop(let decay, let epsilon, let momentum):
      let meanSquare = blended(slots[0], writer.elementwise("multiply", g, g), decay)
      let meanGradient = blended(slots[1], g, decay)
      let variance = writer.elementwise(
        "subtract", meanSquare, writer.elementwise("multiply", meanGradient, meanGradient))
      let deviation = writer.elementwise("sqrt", added(variance, epsilon))
      let step = writer.elementwise("divide", writer.elementwise("multiply", g, learningRate), deviation)
      guard momentum != 0 else { return (step, [meanSquare, meanGradient]) }
      let moved = writer.elementwise("add", scaled(slots[2], by: momentum), step)
      return (moved, [meanSquare, meanGradient, moved])
    case .adam(let beta1, let beta2, let epsilon):
      let first = blended(slots[0], g, beta1)
      let second = blended(slots[1], writer.elementwise("multiply", g, g), beta2)
      let deviation = added(writer.elementwise("sqrt", second), epsilon)
      let step = writer.elementwise("divide", writer.elementwise("multiply", first, learningRate), deviation)
      return (step, [first, second])
    }
  }

  /// decay * old + (1 - decay) * new.
  private mutating func blended(_ old: HLOValue, _ new: HLOValue, _ decay: Double) -> HLOValue {
    writer.elementwise("add", scaled(old, by: decay), scaled(new, by: 1 - decay))
  }

  private mutating func scaled(_ x: HLOValue, by factor: Double) -> HLOValue {
    writer.elementwise("multiply", x, writer.constant(factor, TensorType(x.dtype, .scalar)))
  }

  private mutating func added(_ x: HLOValue, _ number: Double) -> HLOValue {
    writer.elementwise("add", x, writer.constant(number, TensorType(x.dtype, .scalar)))
  }
}
