extension Operation {
  /// One operand of a floating-point dtype, for a gradient a second one of its type.
  func activationType(_ operands: [TensorType]) throws(ShapeError) -> TensorType {
    try requireFloatingPoint(operands[0])
    for operand in operands.dropFirst() { try requireEqual(operands[0], operand) }
    return operands[0]
  }

  /// The innermost axis is the one that the softmax runs over.
  func softmaxType(_ operands: [TensorType]) throws(ShapeError) -> TensorType {
    let x = try activationType(operands)
    guard x.shape.rank > 0 else { throw .wrongRank(operation: name, expected: 1, found: x.shape) }
    return x
  }

  func binaryType(_ x: TensorType, _ y: TensorType) throws(ShapeError) -> TensorType {
    guard x.dtype != .bool else {
      throw .wrongDType(operation: name, expected: "numbers", found: .bool)
    }
    return try joined(x, y)
  }

  func selectedType(
    _ predicate: TensorType, _ whenTrue: TensorType, _ whenFalse: TensorType
  ) throws(ShapeError) -> TensorType {
    guard predicate.dtype == .bool else {  // `select`, I1
      throw .wrongDType(operation: name, expected: "a bool predicate", found: predicate.dtype)
    }
    let result = try joined(whenTrue, whenFalse)  // `select`, C2
    guard predicate.shape.rank == 0 || predicate.shape == result.shape else {  // `select`, C1
      throw .shapeMismatch(operation: name, predicate.shape, result.shape)
    }
    return result
  }

  /// The common type of two operands, either of which may be a scalar: a deviation from StableHLO, where operands
  /// have equal shapes (binary operations, C1 of each; `compare`, C2; `select`, C2).
  func joined(_ lhs: TensorType, _ rhs: TensorType) throws(ShapeError) -> TensorType {
    try requireSameDType(lhs, rhs)
    if rhs.shape.rank == 0 { return lhs }
    if lhs.shape.rank == 0 { return rhs }
    try requireEqual(lhs, rhs)
    return lhs
  }
}
