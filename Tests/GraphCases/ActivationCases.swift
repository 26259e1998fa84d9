import TensorGraph

private let shapes: [Shape] = [
  [2, 3, 4, 5, 1], [2, 3, 4, 5, 3], [2, 3, 4, 3, 16], [1, 3, 4, 3, 17], [1, 2, 2, 2, 64], [7, 5],
]

let reluCases: [GraphCase] =
  (shapes + [[], [9]]).map { shape in
    graphCase("relu/\(shape)") { c in
      let x = c.input("x", shape, shape.rank == 0 ? .positive : .awayFromZero)
      try c.differentiate(try c.builder.relu(x), x)
    }
  }

let preluCases: [GraphCase] =
  (shapes + [[16]]).map { shape in
    graphCase("prelu/\(shape)") { c in
      let x = c.input("x", shape, .awayFromZero)
      let alpha = c.weight("alpha", [shape.channels])
      try c.differentiate(try c.builder.prelu(x, alpha: alpha), x, alpha)
    }
  } + [
    graphCase("prelu/after a convolution of 17 channels") { c in
      let x = c.input("x", [1, 3, 4, 3, 16])
      let w = c.weight("w", [1, 1, 1, 16, 17])
      let alpha = c.weight("alpha", [17])
      let window = ConvolutionSetting.same((16, 17), kernel: 1, extents: [3, 4, 3]).window
      let y = try c.builder.prelu(try c.builder.convolution(x, w, window), alpha: alpha)
      c.difference = FiniteDifference(step: 1e-4, tolerance: 2e-2)
      try c.differentiate(y, x, w, alpha)
    }
  ]

let biasCases: [GraphCase] =
  (shapes + [[16]]).map { shape in
    graphCase("bias/\(shape)") { c in
      let x = c.input("x", shape)
      let b = c.weight("b", [shape.channels])
      try c.differentiate(try c.builder.biasAdd(x, b), x, b)
    }
  }

private let nonFinite: [Float] = [
  0, 1, .infinity, .nan, 1, 2, -.infinity, 3, 0, 1e30, -1e30, 88, 0, 0, 0, 0, -100, 100, -87.5, 0,
]

let softmaxCases: [GraphCase] =
  [2, 3, 16, 100].map { classes in
    graphCase("softmax/\(classes) classes") { c in
      let x = c.input("x", [2, 3, 2, 3, classes])
      let scale = c.builder.constant(4)
      let y = try c.builder.softmax(try c.builder.multiply(x, scale))
      try c.differentiate(y, x)
    }
  } + [
    graphCase("softmax/one axis") { c in
      let x = c.input("x", [5])
      try c.differentiate(try c.builder.softmax(x), x)
    },
    graphCase("softmax/one class") { c in
      c.builder.output("result", try c.builder.softmax(c.input("x", [4, 1])))
    },
    graphCase("softmax/many rows") { c in
      let x = c.input("x", [20_000, 2])
      c.builder.output("result", try c.builder.softmax(x))
    },
    graphCase("softmax/not finite, and far from zero") { c in
      c.builder.output("result", try c.builder.softmax(c.input("x", [5, 4], .values(nonFinite))))
    },
  ]
