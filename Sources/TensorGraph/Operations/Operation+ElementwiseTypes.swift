extension Operation {
  func elementwiseType(_ operands: [TensorType]) throws(ShapeError) -> TensorType {
    let x = operands[0]
    switch self {
    case .relu, .softmax:
      try requireFloatingPoint(x)
      return x
    case .reluGradient, .softmaxGradient:
      try requireFloatingPoint(x)
      try requireEqual(x, operands[1])
      return x
    case .unary(let function):
      try requireFloatingPoint(x)
      return function == .isFinite ? TensorType(.bool, x.shape) : x
    case .binary:
      guard x.dtype != .bool else {
        throw .wrongDType(operation: name, expected: "numbers", found: .bool)
      }
      return try joined(x, operands[1])
    case .compare:
      return TensorType(.bool, try joined(x, operands[1]).shape)
    case .select:
      guard x.dtype == .bool else {  // `select`, I1
        throw .wrongDType(operation: name, expected: "a bool predicate", found: x.dtype)
      }
      let result = try joined(operands[1], operands[2])
      guard x.shape.rank == 0 || x.shape == result.shape else {  // `select`, C1
        throw .shapeMismatch(operation: name, x.shape, result.shape)
      }
      return result
    case .cast(let dtype):
      return TensorType(dtype, x.shape)
    default:
      preconditionFailure("\(name) is not an elementwise operation")
    }
  }

  /// The common type of two operands, either of which may be a scalar: a convenience over StableHLO, whose
  /// binary operations (C1 of each) want equal shapes.
  private func joined(_ lhs: TensorType, _ rhs: TensorType) throws(ShapeError) -> TensorType {
    try requireSameDType(lhs, rhs)
    if rhs.shape.rank == 0 { return lhs }
    if lhs.shape.rank == 0 { return rhs }
    try requireEqual(lhs, rhs)
    return lhs
  }
}
