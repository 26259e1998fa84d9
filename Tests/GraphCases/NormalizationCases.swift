import TensorGraph

private let shapes: [Shape] = [
  [2, 3, 4, 5, 1], [2, 3, 4, 5, 3], [2, 3, 4, 3, 16], [1, 3, 4, 3, 17], [2, 2, 3, 2, 64], [12, 5],
  [3, 4, 16],
]

/// Batch norm's parameters of one channel count.
struct ScaleAndOffset {
  let scale: Value
  let offset: Value

  init(_ c: inout CaseBuilder, channels: Int) {
    scale = c.weight("scale", [channels], .positive)
    offset = c.weight("offset", [channels])
  }
}

let batchNormTrainingCases: [GraphCase] = shapes.map { shape in
  graphCase("batch norm/training \(shape)") { c in
    let x = c.input("x", shape)
    let affine = ScaleAndOffset(&c, channels: shape.channels)
    let norm = try c.builder.batchNormTraining(x, scale: affine.scale, offset: affine.offset, epsilon: 1e-3)
    c.builder.output("mean", norm.mean)
    c.builder.output("variance", norm.variance)
    try c.differentiate(norm.y, x, affine.scale, affine.offset)
  }
}

let batchNormInferenceCases: [GraphCase] = shapes.map { shape in
  graphCase("batch norm/inference \(shape)") { c in
    let x = c.input("x", shape)
    let affine = ScaleAndOffset(&c, channels: shape.channels)
    let mean = c.state("mean", [shape.channels])
    let variance = c.state("variance", [shape.channels], .positive)
    let y = try c.builder.batchNormInference(
      x, scale: affine.scale, offset: affine.offset, mean: mean, variance: variance, epsilon: 1e-3)
    try c.differentiate(y, x, affine.scale, affine.offset)
  }
}

/// Moving statistics: state that the graph reads and updates.
let movingStatisticsCases: [GraphCase] = [
  graphCase("batch norm/moving statistics") { c in
    let x = c.input("x", [2, 3, 4, 3, 16])
    let affine = ScaleAndOffset(&c, channels: 16)
    let norm = try c.builder.batchNormTraining(x, scale: affine.scale, offset: affine.offset, epsilon: 1e-3)
    let statistics = [("moving_mean", norm.mean), ("moving_variance", norm.variance)]
    for (name, value) in statistics {
      let moving = c.state(name, [16], .positive)
      let decay = c.builder.constant(0.9)
      let rest = c.builder.constant(0.1)
      let sum = try c.builder.add(try c.builder.multiply(moving, decay), try c.builder.multiply(value, rest))
      c.builder.update(moving, with: sum)
    }
    c.builder.output("result", norm.y)
  },
  graphCase("batch norm/one element per channel") { c in
    let x = c.input("x", [1, 3])
    let affine = ScaleAndOffset(&c, channels: 3)
    let norm = try c.builder.batchNormTraining(x, scale: affine.scale, offset: affine.offset, epsilon: 1e-3)
    c.builder.output("result", norm.y)
    c.builder.output("variance", norm.variance)
  },
  graphCase("batch norm/mean far from zero") { c in
    let x = c.input("x", [2, 4, 4, 4, 16])
    let shifted = try c.builder.add(x, c.builder.constant(100))
    let affine = ScaleAndOffset(&c, channels: 16)
    let norm = try c.builder.batchNormTraining(
      shifted, scale: affine.scale, offset: affine.offset, epsilon: 1e-3)
    c.tolerance = 1e-4
    c.builder.output("result", norm.y)
    c.builder.output("variance", norm.variance)
  },
  graphCase("batch norm/gradient alone") { c in
    let x = c.input("x", [2, 3, 4, 3, 5])
    let scale = c.weight("scale", [5], .positive)
    let mean = c.input("mean", [5])
    let variance = c.input("variance", [5], .positive)
    let dy = c.input("dy", [2, 3, 4, 3, 5])
    let gradients = try c.builder.apply(.batchNormGradient(epsilon: 1e-3), [x, scale, mean, variance, dy])
    for (name, gradient) in zip(["dx", "dscale", "doffset"], gradients) { c.builder.output(name, gradient) }
  },
]
