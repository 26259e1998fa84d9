extension Operation {
  func elementwiseType(_ operands: [TensorType]) throws(ShapeError) -> TensorType {
    let x = operands[0]
    switch self {
    case .relu, .reluGradient, .softmax, .softmaxGradient:
      return try activationType(operands)
    case .unary(let function):
      try requireFloatingPoint(x)
      // C1 of each; StableHLO's `negate` and `abs` take integers also.
      return function == .isFinite ? TensorType(.bool, x.shape) : x
    case .binary:
      guard x.dtype != .bool else {
        throw .wrongDType(operation: name, expected: "numbers", found: .bool)
      }
      return try joined(x, operands[1])
    case .compare:
      return TensorType(.bool, try joined(x, operands[1]).shape)  // `compare`, C1, C2
    case .select:
      guard x.dtype == .bool else {  // `select`, I1
        throw .wrongDType(operation: name, expected: "a bool predicate", found: x.dtype)
      }
      let result = try joined(operands[1], operands[2])  // `select`, C2
      guard x.shape.rank == 0 || x.shape == result.shape else {  // `select`, C1
        throw .shapeMismatch(operation: name, x.shape, result.shape)
      }
      return result
    case .cast(let dtype):
      return TensorType(dtype, x.shape)  // `convert`, C1
    default:
      preconditionFailure("\(name) is not an elementwise operation")
    }
  }

  /// One operand of a floating-point dtype, for a gradient a second one of its type.
  private func activationType(_ operands: [TensorType]) throws(ShapeError) -> TensorType {
    let x = operands[0]
    try requireFloatingPoint(x)
    for operand in operands.dropFirst() { try requireEqual(x, operand) }
    switch self {
    case .softmax, .softmaxGradient:
      // The innermost axis is the one that the softmax runs over.
      guard x.shape.rank > 0 else { throw .wrongRank(operation: name, expected: 1, found: x.shape) }
    default: break
    }
    return x
  }

  /// The common type of two operands, either of which may be a scalar: a deviation from StableHLO, where operands
  /// have equal shapes (binary operations, C1 of each; `compare`, C2; `select`, C2).
  private func joined(_ lhs: TensorType, _ rhs: TensorType) throws(ShapeError) -> TensorType {
    try requireSameDType(lhs, rhs)
    if rhs.shape.rank == 0 { return lhs }
    if lhs.shape.rank == 0 { return rhs }
    try requireEqual(lhs, rhs)
    return lhs
  }
}
