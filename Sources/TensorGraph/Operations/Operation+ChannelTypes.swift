extension Operation {
  /// Operations whose first operand is `[..., C]` and whose others are `[C]` or like the first.
  func perChannelTypes(_ operands: [TensorType]) throws(ShapeError) -> [TensorType] {
    let x = operands[0]
    try requireFloatingPoint(x)
    guard x.shape.rank > 0 else { throw .wrongRank(operation: name, expected: 1, found: x.shape) }
    switch self {
    case .biasAdd, .prelu:
      try requirePerChannel(operands[1], x, dtype: x.dtype)
      return [x]
    case .preluGradient:
      try requirePerChannel(operands[1], x, dtype: x.dtype)
      try requireEqual(x, operands[2])
      return [x, operands[1]]
    case .batchNormTraining:
      let channels = try statisticsType(operands, x)
      return [x, channels, channels]
    case .batchNormInference:
      _ = try statisticsType(operands, x)
      return [x]
    case .batchNormGradient:
      let channels = try statisticsType(Array(operands[0..<4]), x)
      try requireEqual(x, operands[4])
      return [x, channels, channels]
    default:
      preconditionFailure("\(name) is not an operation per channel")
    }
  }

  /// Statistics and parameters of batch norm are float32 even where x is half precision: a deviation from
  /// StableHLO's `batch_norm_*` C2, for mixed precision's sake.
  private func statisticsType(_ operands: [TensorType], _ x: TensorType) throws(ShapeError) -> TensorType {
    for operand in operands.dropFirst() { try requirePerChannel(operand, x, dtype: .f32) }
    return TensorType(.f32, [x.shape.channels])
  }

  private func requirePerChannel(_ operand: TensorType, _ x: TensorType, dtype: DType) throws(ShapeError) {
    guard operand.dtype == dtype else { throw .dtypeMismatch(operation: name, dtype, operand.dtype) }
    try requireRank(1, operand.shape)
    guard operand.shape[0] == x.shape.channels else {
      throw .channelMismatch(operation: name, input: operand.shape[0], expected: x.shape.channels)
    }
  }

  func optimizerTypes(
    _ operands: [TensorType], _ rule: OptimizerRule
  ) throws(ShapeError) -> [TensorType] {
    let weight = operands[0]
    for operand in operands where operand.dtype != .f32 {
      throw .wrongDType(operation: name, expected: "f32", found: operand.dtype)
    }
    try requireEqual(weight, operands[1])
    try requireRank(0, operands[2].shape)
    try requireRank(0, operands[3].shape)
    for slot in operands[4...] { try requireEqual(weight, slot) }
    return Array(repeating: weight, count: 1 + rule.slots.count)
  }
}
