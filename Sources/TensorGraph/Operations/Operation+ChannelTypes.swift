extension Operation {
  /// Operations whose first operand is `[..., C]` and whose others are `[C]` or like the first: StableHLO's
  /// `batch_norm_*` with the innermost axis as `feature_index`.
  func perChannelTypes(_ operands: [TensorType]) throws(ShapeError) -> [TensorType] {
    let x = operands[0]
    try requireFloatingPoint(x)
    // `batch_norm_*`, C1 (0 <= feature_index < rank(operand)).
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
      return [x, channels, channels]  // `batch_norm_training`, C5, C6, C7
    case .batchNormInference:
      _ = try statisticsType(operands, x)
      return [x]  // `batch_norm_inference`, C7
    case .batchNormGradient:
      let channels = try statisticsType(Array(operands[0..<4]), x)
      try requireEqual(x, operands[4])  // `batch_norm_grad`, C3
      return [x, channels, channels]  // `batch_norm_grad`, C3, C4
    default:
      preconditionFailure("\(name) is not an operation per channel")
    }
  }

  /// Statistics and parameters of batch norm are float32 even where x is half precision: a deviation from C2 of
  /// `batch_norm_*`, for mixed precision's sake.
  private func statisticsType(_ operands: [TensorType], _ x: TensorType) throws(ShapeError) -> TensorType {
    for operand in operands.dropFirst() { try requirePerChannel(operand, x, dtype: .f32) }
    return TensorType(.f32, [x.shape.channels])
  }

  private func requirePerChannel(_ operand: TensorType, _ x: TensorType, dtype: DType) throws(ShapeError) {
    guard operand.dtype == dtype else { throw .dtypeMismatch(operation: name, dtype, operand.dtype) }
    try requireRank(1, operand.shape)
    // `batch_norm_training`, C3, C4; `batch_norm_inference`, C3-C6; `batch_norm_grad`, C4, C5.
    guard operand.shape[0] == x.shape.channels else {
      throw .channelMismatch(operation: name, input: operand.shape[0], expected: x.shape.channels)
    }
  }
}
