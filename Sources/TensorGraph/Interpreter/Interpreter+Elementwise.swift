extension Interpreter {
  /// A tensor like `x` of `body(index, element)`.
  static func map(_ x: Tensor, _ body: (Int, Double) -> Double) -> Tensor {
    Tensor(x.type, rounding: x.elements.enumerated().map { body($0, Double($1)) })
  }

  /// NaN stays NaN.
  static func relu(_ x: Tensor) -> Tensor { map(x) { _, x in x > 0 || x.isNaN ? x : 0 } }

  static func reluGradient(_ y: Tensor, _ dy: Tensor) -> Tensor {
    map(dy) { index, dy in y.elements[index] > 0 ? dy : 0 }
  }

  static func unary(_ function: UnaryFunction, _ x: Tensor, _ type: TensorType) -> Tensor {
    let values = x.elements.map { element -> Double in
      let x = Double(element)
      return switch function {
      case .negate: -x
      case .abs: x.magnitude
      case .sqrt: x.squareRoot()
      case .exp: exponential(x)
      case .log: naturalLogarithm(x)
      case .logistic: 1 / (1 + exponential(-x))
      case .isFinite: x.isFinite ? 1 : 0
      }
    }
    return Tensor(type, rounding: values)
  }

  /// Integers divide towards zero; maximum and minimum give NaN where either operand is NaN.
  static func binary(_ function: BinaryFunction, _ a: Tensor, _ b: Tensor, _ type: TensorType) -> Tensor {
    let (strideA, strideB) = (a.elementStride, b.elementStride)
    let values = (0..<type.shape.elementCount).map { index -> Double in
      let (a, b) = (Double(a.elements[index * strideA]), Double(b.elements[index * strideB]))
      return switch function {
      case .add: a + b
      case .subtract: a - b
      case .multiply: a * b
      case .divide: a / b
      case .maximum: a.isNaN || b.isNaN ? .nan : Swift.max(a, b)
      case .minimum: a.isNaN || b.isNaN ? .nan : Swift.min(a, b)
      }
    }
    return Tensor(type, rounding: values)
  }

  static func compare(_ comparison: Comparison, _ a: Tensor, _ b: Tensor, _ type: TensorType) -> Tensor {
    let (strideA, strideB) = (a.elementStride, b.elementStride)
    let elements = (0..<type.shape.elementCount).map { index -> Float in
      let (a, b) = (a.elements[index * strideA], b.elements[index * strideB])
      let holds =
        switch comparison {
        case .equal: a == b
        case .notEqual: a != b
        case .less: a < b
        case .lessOrEqual: a <= b
        case .greater: a > b
        case .greaterOrEqual: a >= b
        }
      return holds ? 1 : 0
    }
    return Tensor(type, elements)
  }

  static func select(_ predicate: Tensor, _ a: Tensor, _ b: Tensor, _ type: TensorType) -> Tensor {
    let strides = (predicate.elementStride, a.elementStride, b.elementStride)
    let elements = (0..<type.shape.elementCount).map { index in
      predicate.elements[index * strides.0] != 0
        ? a.elements[index * strides.1] : b.elements[index * strides.2]
    }
    return Tensor(type, elements)
  }

  static func cast(_ x: Tensor, _ type: TensorType) -> Tensor {
    Tensor(type, x.elements.map { $0.rounded(to: type.dtype) })
  }

  /// exp(x - max(x)) / sum(exp(x - max(x))) over each row of the innermost axis: the maximum keeps exp finite.
  static func softmax(_ x: Tensor) -> Tensor {
    mapRows(x) { row in
      let x = x.elements[row].map(Double.init)
      let largest = x.max() ?? 0
      let exponentials = x.map { exponential($0 - largest) }
      let sum = exponentials.reduce(0, +)
      return exponentials.map { $0 / sum }
    }
  }

  static func softmaxGradient(_ y: Tensor, _ dy: Tensor) -> Tensor {
    mapRows(y) { row in
      let (y, dy) = (y.elements[row].map(Double.init), dy.elements[row].map(Double.init))
      let projection = zip(y, dy).reduce(0) { $0 + $1.0 * $1.1 }
      return zip(y, dy).map { $0 * ($1 - projection) }
    }
  }

  /// A tensor like `x`, made row by row of the innermost axis from each row's range of elements.
  private static func mapRows(_ x: Tensor, _ body: (Range<Int>) -> [Double]) -> Tensor {
    let extent = x.shape.channels
    let starts = stride(from: 0, to: x.elements.count, by: extent)
    return Tensor(x.type, rounding: starts.flatMap { body($0..<$0 + extent) })
  }

  /// Whether `a` is larger than `b`, NaN being the largest of all.
  static func isLarger(_ a: Float, than b: Float) -> Bool { a > b || (a.isNaN && !b.isNaN) }
}

extension Tensor {
  /// 0 for a scalar, whose only element stands for a whole tensor's.
  fileprivate var elementStride: Int { shape.rank == 0 ? 0 : 1 }
}
