import TensorGraph

/// Numbers that the dtypes round differently: ties, subnormals, overflow, and what is no number.
private let numbers: [Float] = [
  0, -0.0, 1, -1, 0.1, -0.1, 1.5, -1.5, 2.5, 0.99999, 255, 256, 257, 1.00390625, 1.01171875, 1.001953125,
  3.1415927, 65504, 65519, 65520, 1e-5, 6e-8, 2.9e-8, 1e-30, 1e30, 123456.7, -123456.7, 2_147_483_520,
  0x1p-132,
]
private let notNumbers: [Float] = [.infinity, -.infinity, .nan, 3e9, -3e9]
private let integers: [Float] = [
  0, 1, -1, 2, 255, 256, 257, 1000, 2049, -2051, 65503, 70000, 16_777_216, -8_388_607,
]

private let normalToBoolCases: [GraphCase] = [DType.f32, .bf16].map { source in
  graphCase("cast/\(source) to bool, nothing subnormal") { c in
    let values = numbers.filter { !$0.isSubnormal }
    let x = c.input("x", [values.count], .values(values), dtype: source)
    c.tolerance = 0
    c.builder.output("result", try c.builder.cast(x, to: .bool))
  }
}

let castCases: [GraphCase] =
  DType.allCases.flatMap { source in
    DType.allCases.map { target in
      graphCase("cast/\(source) to \(target)") { c in
        let values = source == .i32 ? integers : numbers
        let x = c.input("x", [values.count], .values(values), dtype: source)
        c.tolerance = 0
        c.builder.output("result", try c.builder.cast(x, to: target))
      }
    }
  }
  + normalToBoolCases
  + [DType.f32, .bf16, .f16].flatMap { source in
    DType.allCases.map { target in
      graphCase("cast/\(source) to \(target), not finite") { c in
        let x = c.input("x", [notNumbers.count], .values(notNumbers), dtype: source)
        c.tolerance = 0
        c.builder.output("result", try c.builder.cast(x, to: target))
      }
    }
  }
  + [DType.bf16, .f16].map { dtype in
    graphCase("cast/to \(dtype) and back, with gradient") { c in
      let x = c.input("x", [4, 8])
      let narrow = try c.builder.cast(x, to: dtype)
      // The step must be far wider than the rounding that it sees.
      c.difference = FiniteDifference(step: 1, tolerance: 2e-2)
      try c.differentiate(try c.builder.cast(narrow, to: .f32), x)
    }
  } + [
    graphCase("cast/after a convolution") { c in
      let x = c.input("x", [1, 3, 3, 3, 16])
      let (y, _) = try c.convolved(x, "w", to: 32, kernel: 1)
      c.builder.output("i32", try c.builder.cast(y, to: .i32))
      c.builder.output("bool", try c.builder.cast(try c.builder.relu(y), to: .bool))
    }
  ]

/// Kernels of ours that compute half precision in float32 and round at the end.
let halfPrecisionCases: [GraphCase] = [DType.bf16, .f16].flatMap { dtype in
  [
    graphCase("half precision/\(dtype) subnormals that move") { c in
      let x = c.input("x", [2, 2], .values([6e-8, 0x1p-132, -6e-8, 1]), dtype: dtype)
      c.tolerance = 0
      c.builder.output("concatenate", try c.builder.concatenate([x, x], axis: 1))
      c.builder.output("transpose", try c.builder.transpose(x, [1, 0]))
    },
    graphCase("half precision/\(dtype) arithmetic") { c in
      let x = c.input("x", [3, 5], .positive, dtype: dtype)
      let y = c.input("y", [3, 5], .positive, dtype: dtype)
      let s = c.input("s", [], .positive, dtype: dtype)
      for function in BinaryFunction.allCases {
        c.builder.output("\(function)", try c.builder.apply(.binary(function), x, y))
        c.builder.output("\(function) scalar", try c.builder.apply(.binary(function), s, y))
      }
      for function in UnaryFunction.allCases {
        c.builder.output("\(function)", try c.builder.unary(function, x))
      }
    },
    graphCase("half precision/\(dtype) sums and softmax") { c in
      let x = c.input("x", [3, 4, 5], .positive, dtype: dtype)
      c.builder.output("all", try c.builder.reduceSum(x))
      c.builder.output("outer and inner", try c.builder.reduceSum(x, axes: [0, 2]))
      c.builder.output("middle", try c.builder.reduceSum(x, axes: [1]))
      c.builder.output("softmax", try c.builder.softmax(x))
      c.builder.output("argmax", try c.builder.argmax(x, axis: 1))
      c.builder.output("constant", c.builder.constant(0.1, TensorType(dtype, [3])))
    },
    graphCase("half precision/\(dtype) shapes") { c in
      let x = c.input("x", [2, 3, 4], dtype: dtype)
      let labels = c.input("labels", [5], .classes(3), dtype: .i32)
      c.tolerance = 0
      c.builder.output("transpose", try c.builder.transpose(x, [2, 0, 1]))
      c.builder.output("reshape", try c.builder.reshape(x, to: [6, 4]))
      c.builder.output("slice", try c.builder.slice(x, start: [0, 1, 1], limit: [2, 3, 3]))
      c.builder.output("pad", try c.builder.pad(x, before: [1, 0, 2], after: [0, 1, 0]))
      c.builder.output("broadcast", try c.builder.broadcast(x, to: [2, 3, 5, 4], axes: [0, 1, 3]))
      c.builder.output("concatenate", try c.builder.concatenate([x, x], axis: 1))
      c.builder.output("one hot", try c.builder.oneHot(labels, depth: 3, dtype: dtype))
    },
  ]
}
