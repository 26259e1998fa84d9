extension Operation {
  /// StableHLO's `convolution` with `lhs_dilation`, `feature_group_count` and `batch_group_count` of 1, no window
  /// reversal, and one element type throughout.
  func convolutionType(
    _ input: TensorType, _ filter: TensorType, _ window: ConvolutionWindow
  ) throws(ShapeError) -> TensorType {
    try requireFloatingPoint(input)
    try requireSameDType(input, filter)  // C27
    try requireRank(5, input.shape)  // C1
    try requireRank(5, filter.shape)
    guard input.shape[4] == filter.shape[3] else {  // C14 with feature_group_count = 1
      throw .channelMismatch(operation: name, input: input.shape[4], expected: filter.shape[3])
    }
    var result = input.shape
    for (index, axis) in window.axes.enumerated() {
      try requireValid(axis)
      // C25; a kernel larger than the padded input is an error here, an empty result there.
      result[index + 1] = try convolvedExtent(input.shape[index + 1], kernel: filter.shape[index], axis)
    }
    result[4] = filter.shape[4]  // C25
    return TensorType(input.dtype, result)
  }

  /// StableHLO's `reduce_window` with a maximum, over the spatial axes. Stricter: no window may lie wholly in the
  /// padding.
  func poolingType(_ input: TensorType, _ window: PoolingWindow) throws(ShapeError) -> TensorType {
    try requireFloatingPoint(input)
    try requireRank(5, input.shape)
    var result = input.shape
    for (index, axis) in window.axes.enumerated() {
      try requireValid(axis)
      // C5 (0 < window_dimensions) follows.
      let isPaddedBeyondKernel = max(axis.before, axis.after) >= window.kernel[index]
      guard axis.dilation == 1, !isPaddedBeyondKernel else {
        throw .invalidWindow(operation: name, axis)
      }
      // C15
      result[index + 1] = try convolvedExtent(input.shape[index + 1], kernel: window.kernel[index], axis)
    }
    return TensorType(input.dtype, result)
  }

  private func requireValid(_ axis: WindowAxis) throws(ShapeError) {
    // `convolution`, C3, and `reduce_window`, C7 (0 < window_strides); `convolution`, C8 (0 < rhs_dilation).
    // StableHLO also allows negative padding.
    guard axis.stride > 0, axis.dilation > 0, axis.before >= 0, axis.after >= 0 else {
      throw .invalidWindow(operation: name, axis)
    }
  }
}
