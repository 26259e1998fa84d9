import TensorGraph

private let axesOfRank5: [[Int]] = [
  [], [0], [1], [4], [3, 4], [0, 4], [1, 3], [1, 2, 3], [0, 1, 2, 3], [0, 2, 4], [2, 3, 4], [0, 1, 2, 3, 4],
  [4, 1], [3, 2, 1, 0],
]

let reduceSumCases: [GraphCase] =
  axesOfRank5.map { axes in
    graphCase("reduce sum/axes \(axes)") { c in
      let x = c.input("x", [2, 3, 4, 2, 5])
      try c.differentiate(try c.builder.reduceSum(x, axes: axes), x)
    }
  }
  + [1, 3, 16, 17, 32].flatMap { channels in
    [[0, 1, 2, 3], [1, 2, 3], [4], [0, 1, 2, 3, 4]].map { axes in
      graphCase("reduce sum/axes \(axes) of a convolution's \(channels) channels") { c in
        let x = c.input("x", [2, 3, 4, 3, 3])
        let (y, w) = try c.convolved(x, "w", to: channels)
        try c.differentiate(try c.builder.reduceSum(y, axes: axes), x, w)
      }
    }
  } + [
    graphCase("reduce sum/of a scalar") { c in
      let x = c.input("x", [])
      try c.differentiate(try c.builder.reduceSum(x), x)
    },
    graphCase("reduce sum/100 000 elements") { c in
      let x = c.input("x", [100_003], .positive)
      c.tolerance = 1e-4
      c.builder.output("sum", try c.builder.reduceSum(x))
      c.builder.output("squares", try c.builder.reduceSum(try c.builder.multiply(x, x)))
    },
    graphCase("reduce sum/many voxels of few channels") { c in
      let x = c.input("x", [2, 16, 16, 16, 3], .positive)
      c.tolerance = 1e-4
      c.builder.output("samples apart", try c.builder.reduceSum(x, axes: [1, 2, 3]))
      c.builder.output("all samples", try c.builder.reduceSum(x, axes: [0, 1, 2, 3]))
    },
    graphCase("reduce sum/long axes") { c in
      let x = c.input("x", [3, 5000, 7], .positive)
      c.tolerance = 1e-4
      for axes in [[0], [1], [2], [0, 1], [1, 2], [0, 2]] {
        c.builder.output("axes \(axes)", try c.builder.reduceSum(x, axes: axes))
      }
    },
  ]

let argmaxCases: [GraphCase] =
  (0..<5).map { axis in
    graphCase("argmax/axis \(axis)") { c in
      let x = c.input("x", [3, 4, 2, 5, 6], .distinct)
      c.builder.output("result", try c.builder.argmax(x, axis: axis))
    }
  } + [
    graphCase("argmax/the first on a tie") { c in
      let x = c.input("x", [20, 4], .classes(2))
      c.builder.output("result", try c.builder.argmax(x, axis: 1))
    },
    graphCase("argmax/the channels of a convolution") { c in
      let x = c.input("x", [2, 3, 2, 3, 16])
      let (y, _) = try c.convolved(x, "w", to: 17)
      c.builder.output("result", try c.builder.argmax(y, axis: 4))
    },
    graphCase("argmax/one axis of one element") { c in
      c.builder.output("result", try c.builder.argmax(c.input("x", [1]), axis: 0))
    },
    graphCase("argmax/NaN") { c in
      let x = c.input(
        "x", [4, 3], .values([0, .nan, 1, .nan, 3, .nan, 1, 2, .nan, -.infinity, -1, -.infinity]))
      c.builder.output("result", try c.builder.argmax(x, axis: 1))
    },
    graphCase("argmax/integers and truth values") { c in
      let integers = c.input("x", [6, 5], .classes(9), dtype: .i32)
      let truth = c.input("p", [6, 5], .classes(2), dtype: .bool)
      c.builder.output("integers", try c.builder.argmax(integers, axis: 1))
      c.builder.output("truth values", try c.builder.argmax(truth, axis: 0))
    },
  ]

let oneHotCases: [GraphCase] =
  DType.allCases.map { dtype in
    graphCase("one hot/\(dtype)") { c in
      let labels = c.input("labels", [2, 3, 4], .classes(3), dtype: .i32)
      c.builder.output("result", try c.builder.oneHot(labels, depth: 3, dtype: dtype))
    }
  } + [
    graphCase("one hot/classes that are not there") { c in
      let labels = c.input("labels", [5], .values([-1, 0, 1, 2, 700]), dtype: .i32)
      c.builder.output("result", try c.builder.oneHot(labels, depth: 2))
    },
    graphCase("one hot/of a scalar") { c in
      let label = c.input("label", [], .values([1]), dtype: .i32)
      c.builder.output("result", try c.builder.oneHot(label, depth: 4))
    },
  ]
