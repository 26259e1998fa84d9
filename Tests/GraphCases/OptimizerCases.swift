import TensorGraph

private let rules: [(name: String, OptimizerRule)] = [
  ("sgd", .sgd(momentum: 0, nesterov: false)),
  ("sgd with momentum", .sgd(momentum: 0.9, nesterov: false)),
  ("sgd with Nesterov momentum", .sgd(momentum: 0.9, nesterov: true)),
  ("rmsprop", .rmsprop(decay: 0.9, epsilon: 1e-10, momentum: 0)),
  ("rmsprop with momentum", .rmsprop(decay: 0.9, epsilon: 1e-10, momentum: 0.9)),
  ("adam", .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-7)),
]

extension CaseBuilder {
  /// One optimiser step that replaces a weight and its slots. Returns the new weight.
  @discardableResult
  fileprivate mutating func descend(
    _ name: String, _ weight: Value, _ gradient: Value, _ rule: OptimizerRule, _ rate: Value, _ scale: Value
  ) throws -> Value {
    var parameters = [weight]
    for slot in rule.slots {
      let content = Content.filled(slot.initialValue)
      parameters.append(state("\(name)/\(slot.name)", builder.shape(of: weight), content))
    }
    let operands = [weight, gradient, rate, scale] + parameters.dropFirst()
    let results = try builder.apply(.optimizerUpdate(rule), operands)
    for (parameter, result) in zip(parameters, results) { builder.update(parameter, with: result) }
    return results[0]
  }
}

/// Weights that a convolution keeps in its own layout, and vectors.
let optimizerCases: [GraphCase] = rules.flatMap { name, rule in
  [(16, 32), (3, 17)].map { input, output in
    graphCase("optimiser/\(name), \(input) to \(output)") { c in
      let x = c.input("x", [1, 3, 4, 3, input])
      let rate = c.input("rate", [], .filled(0.01))
      let scale = c.input("scale", [], .filled(0.5))
      let (y, w) = try c.convolved(x, "w", to: output)
      let b = c.weight("b", [output])
      let biased = try c.builder.biasAdd(y, b)
      let loss = try c.builder.reduceSum(try c.builder.multiply(biased, biased))
      let gradients = try c.builder.gradients(of: loss, withRespectTo: [w, b])
      c.builder.output("loss", loss)
      try c.descend("w", w, gradients[0], rule, rate, scale)
      try c.descend("b", b, gradients[1], rule, rate, scale)
      c.tolerance = 1e-4
    }
  } + [
    graphCase("optimiser/\(name), elements alone") { c in
      let w = c.weight("w", [10_001])
      let g = c.input("g", [10_001])
      let rate = c.input("rate", [], .filled(0.1))
      let scale = c.input("scale", [], .filled(2))
      try c.descend("w", w, g, rule, rate, scale)
    }
  ]
}

private let sgd = OptimizerRule.sgd(momentum: 0, nesterov: false)

/// What reads a weight beside its optimiser, and when it sees the new content.
let optimizerReaderCases: [GraphCase] = [
  graphCase("optimiser/old weight read afterwards") { c in
    let w = c.weight("w", [8])
    let new = try c.descend("w", w, c.input("g", [8]), sgd, c.builder.constant(0.5), c.builder.constant(1))
    c.builder.output("change", try c.builder.subtract(new, w))
    c.builder.output("old", w)
    c.builder.output("new", new)
  },
  graphCase("optimiser/old weight read afterwards under another shape") { c in
    let w = c.weight("w", [8])
    let matrix = try c.builder.reshape(w, to: [2, 4])
    try c.descend("w", w, c.input("g", [8]), sgd, c.builder.constant(0.5), c.builder.constant(1))
    c.builder.output("old", matrix)
    c.builder.output("transposed", try c.builder.transpose(matrix, [1, 0]))
  },
  graphCase("optimiser/sum of squares that ends after the step") { c in
    let w = c.weight("w", [8])
    let squares = try c.builder.multiply(w, w)
    try c.descend("w", w, c.input("g", [8]), sgd, c.builder.constant(0.5), c.builder.constant(1))
    c.builder.output("penalty", try c.builder.reduceSum(squares))
  },
  graphCase("optimiser/broadcast that is added after the step") { c in
    let w = c.weight("w", [1, 2, 2, 2, 1])
    let x = c.input("x", [1, 2, 2, 2, 16])
    let wide = try c.builder.broadcast(w, to: [1, 2, 2, 2, 16], axes: [0, 1, 2, 3, 4])
    let g = c.input("g", [1, 2, 2, 2, 1])
    try c.descend("w", w, g, sgd, c.builder.constant(0.5), c.builder.constant(1))
    c.builder.output("sum", try c.builder.add(wide, x))
  },
  graphCase("optimiser/moving average of the new weight") { c in
    let x = c.input("x", [1, 2, 3, 2, 16])
    let (y, w) = try c.convolved(x, "w", to: 32)
    let loss = try c.builder.reduceSum(try c.builder.multiply(y, y))
    let gradient = try c.builder.gradients(of: loss, withRespectTo: [w])[0]
    let rate = c.builder.constant(1e-3)
    let new = try c.descend("w", w, gradient, sgd, rate, c.builder.constant(1))
    let average = c.state("average", [3, 3, 3, 16, 32])
    let kept = try c.builder.multiply(average, c.builder.constant(0.9))
    let added = try c.builder.multiply(new, c.builder.constant(0.1))
    c.builder.update(average, with: try c.builder.add(kept, added))
    c.tolerance = 1e-4
  },
  graphCase("optimiser/the weight as its own gradient") { c in
    let w = c.weight("w", [4, 5])
    let rule = OptimizerRule.adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-7)
    try c.descend("w", w, w, rule, c.builder.constant(0.1), c.builder.constant(1))
  },
  graphCase("optimiser/weight that stays where it is") { c in
    let w = c.weight("w", [4])
    let operands = [w, c.input("g", [4]), c.builder.constant(0.5), c.builder.constant(1)]
    c.builder.output("new", try c.builder.apply(.optimizerUpdate(sgd), operands)[0])
  },
]
