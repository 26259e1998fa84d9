import TensorGraph

let unaryCases: [GraphCase] =
  UnaryFunction.allCases.filter { $0 != .isFinite }.flatMap { function in
    [[], [7], [2, 3, 2, 3, 5]].map { (shape: Shape) in
      graphCase("unary/\(function.rawValue) \(shape)") { c in
        let x: Value
        switch function {
        case .negate, .exp, .logistic: x = c.input("x", shape)
        case .abs: x = c.input("x", shape, .awayFromZero)
        case .sqrt, .log: x = c.input("x", shape, .positive)
        case .isFinite: preconditionFailure("it has no gradient")
        }
        try c.differentiate(try c.builder.unary(function, x), x)
      }
    }
  } + [
    graphCase("unary/is_finite") { c in
      let x = c.input("x", [6], .values([0, .infinity, -.infinity, .nan, -3, .greatestFiniteMagnitude]))
      c.builder.output("result", try c.builder.unary(.isFinite, x))
    },
    // The square root and the logarithm of a subnormal.
    edgeCase("unary/at the edge of the domain", [0x1p-132], [.sqrt, .log]),
    edgeCase("unary/negate, abs and exp of a subnormal", [0x1p-132], [.negate, .abs, .exp]),
    edgeCase(
      "unary/zero, negative and not finite", [0, -1, .infinity, -.infinity, .nan],
      UnaryFunction.allCases.filter { $0 != .isFinite }),
    graphCase("unary/after a convolution") { c in
      let x = c.input("x", [1, 3, 3, 3, 16])
      let (y, w) = try c.convolved(x, "w", to: 17, kernel: 1)
      let scaled = try c.builder.multiply(y, c.builder.constant(0.25))
      try c.differentiate(try c.builder.unary(.exp, scaled), x, w)
    },
  ]

private func edgeCase(_ name: String, _ values: [Float], _ functions: [UnaryFunction]) -> GraphCase {
  graphCase(name) { c in
    let x = c.input("x", [values.count], .values(values))
    for function in functions {
      c.builder.output(function.rawValue, try c.builder.unary(function, x))
    }
  }
}

/// Which operand of a binary operation is a scalar.
private enum Scalar: String, CaseIterable {
  case neither = "tensors"
  case first = "scalar first"
  case second = "scalar second"
  case both = "scalars"

  func shapes(_ shape: Shape) -> (Shape, Shape) {
    (self == .first || self == .both ? [] : shape, self == .second || self == .both ? [] : shape)
  }
}

let binaryCases: [GraphCase] =
  BinaryFunction.allCases.flatMap { function in
    Scalar.allCases.map { scalar in
      graphCase("binary/\(function.rawValue), \(scalar.rawValue)") { c in
        let shapes = scalar.shapes([2, 3, 2, 3, 5])
        let x = c.input("x", shapes.0)
        let y = c.input("y", shapes.1, .awayFromZero)
        c.difference = FiniteDifference(step: 1e-3, tolerance: 2e-2)
        try c.differentiate(try c.builder.apply(.binary(function), x, y), x, y)
      }
    }
  }
  + BinaryFunction.allCases.map { function in
    graphCase("binary/\(function.rawValue) of integers") { c in
      let x = c.input("x", [9], .values([-7, 7, -7, 7, 0, 5, 1_000_000, -3, 12]), dtype: .i32)
      let y = c.input("y", [9], .values([2, -2, -2, 2, 4, 1, 1000, 9, 5]), dtype: .i32)
      c.builder.output("result", try c.builder.apply(.binary(function), x, y))
    }
  } + [
    graphCase("binary/maximum and minimum of NaN") { c in
      let x = c.input("x", [4], .values([.nan, 1, .nan, .infinity]))
      let y = c.input("y", [4], .values([1, .nan, .nan, -.infinity]))
      c.builder.output("maximum", try c.builder.maximum(x, y))
      c.builder.output("minimum", try c.builder.minimum(x, y))
    },
    graphCase("binary/one operand twice") { c in
      let x = c.input("x", [3, 5], .positive)
      let square = try c.builder.multiply(x, x)
      try c.differentiate(try c.builder.divide(square, try c.builder.add(x, x)), x)
    },
    graphCase("binary/many elements") { c in
      let x = c.input("x", [50_001])
      let y = c.input("y", [50_001])
      c.builder.output("result", try c.builder.multiply(x, try c.builder.add(x, y)))
    },
  ]

let compareCases: [GraphCase] = Comparison.allCases.flatMap { comparison in
  Scalar.allCases.map { scalar in
    graphCase("compare/\(comparison.rawValue), \(scalar.rawValue)") { c in
      let shapes = scalar.shapes([4, 8])
      for dtype in [DType.f32, .i32, .bool, .bf16, .f16] {
        let x = c.input("x \(dtype)", shapes.0, .classes(3), dtype: dtype)
        let y = c.input("y \(dtype)", shapes.1, .classes(3), dtype: dtype)
        c.builder.output("\(dtype)", try c.builder.compare(x, comparison, y))
      }
    }
  }
}

let notANumberCompareCases: [GraphCase] = Comparison.allCases.map { comparison in
  graphCase("compare/\(comparison.rawValue) of NaN") { c in
    let x = c.input("x", [3], .values([.nan, 1, .nan]))
    let y = c.input("y", [3], .values([1, .nan, .nan]))
    c.builder.output("result", try c.builder.compare(x, comparison, y))
  }
}

let selectCases: [GraphCase] =
  [("tensor", [4, 5] as Shape), ("scalar", [])].flatMap { predicate, predicateShape in
    Scalar.allCases.filter { $0 != .both || predicateShape.rank == 0 }.map { scalar in
      graphCase("select/\(predicate) predicate, \(scalar.rawValue)") { c in
        let shapes = scalar.shapes([4, 5])
        let p = c.input("p", predicateShape, .classes(2), dtype: .bool)
        let x = c.input("x", shapes.0)
        let y = c.input("y", shapes.1)
        try c.differentiate(try c.builder.select(p, x, y), x, y)
      }
    }
  }
  + [DType.i32, .bool, .bf16, .f16].map { dtype in
    graphCase("select/\(dtype)") { c in
      let p = c.input("p", [12], .classes(2), dtype: .bool)
      let x = c.input("x", [12], .classes(9), dtype: dtype)
      let y = c.input("y", [12], .classes(2), dtype: dtype)
      c.builder.output("result", try c.builder.select(p, x, y))
    }
  } + [
    graphCase("select/NaN in the branch not taken") { c in
      let p = c.input("p", [2], .values([1, 0]), dtype: .bool)
      let x = c.input("x", [2], .values([1, .nan]))
      let y = c.input("y", [2], .values([.nan, 2]))
      c.builder.output("result", try c.builder.select(p, x, y))
    }
  ]
