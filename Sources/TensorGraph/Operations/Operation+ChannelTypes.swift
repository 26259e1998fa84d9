// Operations whose first operand is `[..., C]` and whose others are `[C]` or like the first: StableHLO's
// `batch_norm_*` with the innermost axis as `feature_index`.
extension Operation {
  /// Statistics and parameters of batch norm are float32 even where x is half precision: a deviation from C2 of
  /// `batch_norm_*`, for mixed precision's sake.
  func statisticsType(_ operands: [TensorType], _ x: TensorType) throws(ShapeError) -> TensorType {
    for operand in operands.dropFirst() { try requirePerChannel(operand, x, dtype: .f32) }
    return TensorType(.f32, [x.shape.channels])
  }

  /// `batch_norm_*`, C1 (0 <= feature_index < rank(operand)).
  private func requireChannels(_ x: TensorType) throws(ShapeError) {
    guard x.shape.rank > 0 else { throw .wrongRank(operation: name, expected: 1, found: x.shape) }
  }

  func requirePerChannel(_ operand: TensorType, _ x: TensorType, dtype: DType) throws(ShapeError) {
    try requireFloatingPoint(x)
    try requireChannels(x)
    guard operand.dtype == dtype else { throw .dtypeMismatch(operation: name, dtype, operand.dtype) }
    try requireRank(1, operand.shape)
    // `batch_norm_training`, C3, C4; `batch_norm_inference`, C3-C6; `batch_norm_grad`, C4, C5.
    guard operand.shape[0] == x.shape.channels else {
      throw .channelMismatch(operation: name, input: operand.shape[0], expected: x.shape.channels)
    }
  }
}
