import TensorGraph

private let broadcasts: [(name: String, source: Shape, target: Shape, axes: [Int])] = [
  ("a scalar", [], [2, 3], []),
  ("new axes in front", [3, 4], [5, 2, 3, 4], [2, 3]),
  ("a new axis in the middle", [3, 4], [3, 5, 4], [0, 2]),
  ("a new axis at the end", [3, 4], [3, 4, 5], [0, 1]),
  ("axes of extent 1", [3, 1, 4, 1], [3, 2, 4, 5], [0, 1, 2, 3]),
  ("axes of extent 1 that stay", [1, 3, 1], [2, 1, 3, 4], [1, 2, 3]),
  ("axes in another order", [2, 3, 4], [4, 2, 3], [1, 2, 0]),
  ("axes in another order, one of extent 1", [1, 3, 4], [4, 5, 3], [1, 2, 0]),
  ("channels", [16], [2, 3, 2, 3, 16], [4]),
  ("one channel", [2, 3, 2, 3, 1], [2, 3, 2, 3, 16], [0, 1, 2, 3, 4]),
  ("the same shape", [3, 4], [3, 4], [0, 1]),
]

let broadcastCases: [GraphCase] = broadcasts.map { name, source, target, axes in
  graphCase("broadcast/\(name)") { c in
    let x = c.input("x", source)
    try c.differentiate(try c.builder.broadcast(x, to: target, axes: axes), x)
  }
}

private let permutations: [(Shape, [Int])] = [
  ([], []), ([5], [0]), ([3, 4], [1, 0]), ([2, 3, 4], [2, 0, 1]), ([2, 3, 4], [0, 2, 1]),
  ([2, 1, 4], [1, 2, 0]), ([2, 3, 4, 5, 6], [0, 4, 1, 2, 3]), ([2, 3, 4, 5, 6], [4, 3, 2, 1, 0]),
  ([2, 3, 4, 5, 6], [0, 1, 2, 3, 4]),
]

let transposeCases: [GraphCase] = permutations.map { shape, permutation in
  graphCase("transpose/\(shape) by \(permutation)") { c in
    let x = c.input("x", shape)
    try c.differentiate(try c.builder.transpose(x, permutation), x)
  }
}

/// Shapes of values that a convolution left in blocks, and of other dtypes.
let layoutCases: [GraphCase] =
  [16, 17].flatMap { channels in
    [
      graphCase("reshape/a convolution's \(channels) channels") { c in
        let x = c.input("x", [2, 3, 2, 3, 16])
        let (y, w) = try c.convolved(x, "w", to: channels)
        try c.differentiate(try c.builder.reshape(y, to: [36, channels]), x, w)
      },
      graphCase("transpose/a convolution's \(channels) channels") { c in
        let x = c.input("x", [2, 3, 2, 3, 16])
        let (y, w) = try c.convolved(x, "w", to: channels)
        try c.differentiate(try c.builder.transpose(y, [0, 4, 1, 2, 3]), x, w)
      },
      graphCase("reshape/before a convolution to \(channels)") { c in
        let x = c.input("x", [36, 16])
        let (y, w) = try c.convolved(try c.builder.reshape(x, to: [2, 3, 2, 3, 16]), "w", to: channels)
        try c.differentiate(y, x, w)
      },
    ]
  }
  + [DType.i32, .bool].map { dtype in
    graphCase("reshape/\(dtype), and other moves") { c in
      let x = c.input("x", [2, 3, 4], .classes(9), dtype: dtype)
      c.builder.output("reshape", try c.builder.reshape(x, to: [4, 6]))
      c.builder.output("transpose", try c.builder.transpose(x, [1, 2, 0]))
      c.builder.output("broadcast", try c.builder.broadcast(x, to: [2, 3, 2, 4], axes: [0, 1, 3]))
      c.builder.output("slice", try c.builder.slice(x, start: [1, 0, 1], limit: [2, 3, 4]))
      c.builder.output("pad", try c.builder.pad(x, before: [0, 1, 2], after: [1, 0, 0]))
      c.builder.output("concatenate", try c.builder.concatenate([x, x, x], axis: 2))
      c.builder.output("constant", c.builder.constant(3, TensorType(dtype, [2, 2])))
    }
  } + [
    graphCase("reshape/to and from a scalar") { c in
      let x = c.input("x", [1, 1])
      let s = try c.builder.reshape(x, to: [])
      try c.differentiate(try c.builder.reshape(try c.builder.multiply(s, s), to: [1, 1, 1]), x)
    },
    graphCase("constant/float32") { c in
      c.builder.output("scalar", c.builder.constant(0.1))
      c.builder.output("tensor", c.builder.constant(-2.5, TensorType(.f32, [3, 4])))
    },
  ]
