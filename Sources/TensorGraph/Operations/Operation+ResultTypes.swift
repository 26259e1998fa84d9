extension Operation {
  /// Returns the types of the results that the operation yields for operands of the given types, checking the
  /// constraints that the operands must meet.
  ///
  /// Source: StableHLO specification; the numbered constraints are cited where they are enforced.
  public func resultTypes(_ operands: [TensorType]) throws(ShapeError) -> [TensorType] {
    try requireOperandCount(operands.count)
    switch self {
    case .constant(_, let type):
      return [type]
    case .convolution(let window):
      return [try convolutionType(operands[0], operands[1], window)]
    case .convolutionInputGradient(let window, let inputShape):
      let input = TensorType(operands[0].dtype, inputShape)
      try requireEqual(try convolutionType(input, operands[1], window), operands[0])
      return [input]
    case .convolutionFilterGradient(let window, let filterShape):
      let filter = TensorType(operands[0].dtype, filterShape)
      try requireEqual(try convolutionType(operands[0], filter, window), operands[1])
      return [filter]
    case .maxPool(let window):
      return [try poolingType(operands[0], window)]
    case .maxPoolGradient(let window):
      try requireEqual(try poolingType(operands[0], window), operands[1])
      return [operands[0]]
    case .biasAdd, .batchNormTraining, .batchNormInference, .batchNormGradient, .prelu, .preluGradient:
      return try perChannelTypes(operands)
    case .relu, .reluGradient, .softmax, .softmaxGradient, .unary, .binary, .compare, .select, .cast:
      return [try elementwiseType(operands)]
    case .concatenate, .slice, .pad, .reshape, .transpose, .broadcast, .reduceSum, .oneHot, .argmax:
      return [try reshapingType(operands)]
    case .optimizerUpdate(let rule):
      return try optimizerTypes(operands, rule)
    }
  }

  /// The number of operands; nil where any positive number will do.
  public var operandCount: Int? {
    switch self {
    case .constant: 0
    case .relu, .softmax, .unary, .cast, .slice, .pad, .reshape, .transpose, .broadcast, .reduceSum, .oneHot,
      .argmax, .maxPool:
      1
    case .convolution, .convolutionInputGradient, .convolutionFilterGradient, .maxPoolGradient, .biasAdd,
      .reluGradient, .prelu, .softmaxGradient, .binary, .compare:
      2
    case .batchNormTraining, .preluGradient, .select: 3
    case .batchNormInference, .batchNormGradient: 5
    case .concatenate: nil
    case .optimizerUpdate(let rule): 4 + rule.slots.count
    }
  }

  func requireOperandCount(_ count: Int) throws(ShapeError) {
    let expected = operandCount ?? max(1, count)
    guard count == expected else {
      throw .wrongOperandCount(operation: name, expected: expected, found: count)
    }
  }

  func requireEqual(_ lhs: TensorType, _ rhs: TensorType) throws(ShapeError) {
    try requireSameDType(lhs, rhs)
    guard lhs.shape == rhs.shape else { throw .shapeMismatch(operation: name, lhs.shape, rhs.shape) }
  }

  func requireSameDType(_ lhs: TensorType, _ rhs: TensorType) throws(ShapeError) {
    guard lhs.dtype == rhs.dtype else { throw .dtypeMismatch(operation: name, lhs.dtype, rhs.dtype) }
  }

  func requireFloatingPoint(_ type: TensorType) throws(ShapeError) {
    guard type.dtype.isFloatingPoint else {
      throw .wrongDType(operation: name, expected: "a floating-point dtype", found: type.dtype)
    }
  }

  func requireRank(_ rank: Int, _ shape: Shape) throws(ShapeError) {
    guard shape.rank == rank else { throw .wrongRank(operation: name, expected: rank, found: shape) }
  }
}

// MARK: - Windows

extension Operation {
  private func convolutionType(
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
      // C25
      result[index + 1] = try convolvedExtent(input.shape[index + 1], kernel: filter.shape[index], axis)
    }
    result[4] = filter.shape[4]
    return TensorType(input.dtype, result)
  }

  private func poolingType(_ input: TensorType, _ window: PoolingWindow) throws(ShapeError) -> TensorType {
    try requireFloatingPoint(input)
    try requireRank(5, input.shape)
    var result = input.shape
    for (index, axis) in window.axes.enumerated() {
      try requireValid(axis)
      let isPaddedBeyondKernel = max(axis.before, axis.after) >= window.kernel[index]
      guard axis.dilation == 1, !isPaddedBeyondKernel else {
        throw .invalidWindow(operation: name, axis)
      }
      // `reduce_window`, C15
      result[index + 1] = try convolvedExtent(input.shape[index + 1], kernel: window.kernel[index], axis)
    }
    return TensorType(input.dtype, result)
  }

  private func requireValid(_ axis: WindowAxis) throws(ShapeError) {
    // `convolution`, C3 (0 < window_strides), C8 (0 < rhs_dilation); negative padding is not used here.
    guard axis.stride > 0, axis.dilation > 0, axis.before >= 0, axis.after >= 0 else {
      throw .invalidWindow(operation: name, axis)
    }
  }
}

// MARK: - Channels

extension Operation {
  /// Operations whose first operand is `[..., C]` and whose others are `[C]` or like the first.
  private func perChannelTypes(_ operands: [TensorType]) throws(ShapeError) -> [TensorType] {
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

  private func optimizerTypes(
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

// MARK: - Elementwise

extension Operation {
  private func elementwiseType(_ operands: [TensorType]) throws(ShapeError) -> TensorType {
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

// MARK: - Shapes

extension Operation {
  private func reshapingType(_ operands: [TensorType]) throws(ShapeError) -> TensorType {
    let x = operands[0]
    switch self {
    case .concatenate(let axis):
      return try concatenatedType(operands, axis)
    case .slice(let start, let limit):
      return TensorType(x.dtype, try slicedShape(x.shape, start, limit))
    case .pad(let before, let after):
      return TensorType(x.dtype, try paddedShape(x.shape, before, after))
    case .reshape(let shape):
      guard shape.elementCount == x.shape.elementCount else {  // `reshape`, C2
        throw .elementCountMismatch(operation: name, x.shape, shape)
      }
      return TensorType(x.dtype, shape)
    case .transpose(let permutation):
      guard permutation.sorted() == Array(0..<x.shape.rank) else {  // `transpose`, C2
        throw .notAPermutation(operation: name, permutation)
      }
      return TensorType(x.dtype, Shape(permutation.map { x.shape[$0] }))  // `transpose`, C3
    case .broadcast(let shape, let axes):
      try requireBroadcastable(x.shape, shape, axes)
      return TensorType(x.dtype, shape)
    case .reduceSum(let axes):
      try requireFloatingPoint(x)
      return TensorType(x.dtype, try reducedShape(x.shape, axes))
    case .oneHot(let depth, let dtype):
      guard x.dtype == .i32 else { throw .wrongDType(operation: name, expected: "i32", found: x.dtype) }
      return TensorType(dtype, Shape(x.shape.extents + [depth]))
    case .argmax(let axis):
      return TensorType(.i32, try reducedShape(x.shape, [axis]))
    default:
      preconditionFailure("\(name) does not change shapes")
    }
  }

  private func concatenatedType(_ operands: [TensorType], _ axis: Int) throws(ShapeError) -> TensorType {
    var result = operands[0]
    try requireAxis(axis, result.shape)  // `concatenate`, C4
    for operand in operands.dropFirst() {
      try requireSameDType(result, operand)  // C1
      var aligned = operand.shape
      guard aligned.rank == result.shape.rank else {
        throw .shapeMismatch(operation: name, result.shape, operand.shape)
      }
      aligned[axis] = result.shape[axis]
      guard aligned == result.shape else {  // C2
        throw .shapeMismatch(operation: name, result.shape, operand.shape)
      }
      result.shape[axis] += operand.shape[axis]  // C6
    }
    return result
  }

  private func slicedShape(_ shape: Shape, _ start: [Int], _ limit: [Int]) throws(ShapeError) -> Shape {
    let isValid =
      start.count == shape.rank && limit.count == shape.rank
      && (0..<shape.rank).allSatisfy {
        0 <= start[$0] && start[$0] <= limit[$0] && limit[$0] <= shape[$0]
      }
    guard isValid else { throw .invalidBounds(operation: name, shape, start, limit) }  // `slice`, C2, C3
    return Shape(zip(start, limit).map { $1 - $0 })  // `slice`, C5
  }

  private func paddedShape(_ shape: Shape, _ before: [Int], _ after: [Int]) throws(ShapeError) -> Shape {
    let isValid =
      before.count == shape.rank && after.count == shape.rank && (before + after).allSatisfy { $0 >= 0 }
    guard isValid else { throw .invalidBounds(operation: name, shape, before, after) }  // `pad`, C2
    return Shape((0..<shape.rank).map { before[$0] + shape[$0] + after[$0] })  // `pad`, C4
  }

  private func requireBroadcastable(_ shape: Shape, _ result: Shape, _ axes: [Int]) throws(ShapeError) {
    let isValid =
      axes.count == shape.rank && Set(axes).count == axes.count  // `broadcast_in_dim`, C2, C4
      && zip(axes, shape.extents).allSatisfy { axis, extent in
        (0..<result.rank).contains(axis) && (extent == 1 || extent == result[axis])  // C3, C5
      }
    guard isValid else { throw .shapeMismatch(operation: name, shape, result) }
  }

  private func reducedShape(_ shape: Shape, _ axes: [Int]) throws(ShapeError) -> Shape {
    for axis in axes { try requireAxis(axis, shape) }  // `reduce`, C4
    guard Set(axes).count == axes.count else {  // `reduce`, C5
      throw .notAPermutation(operation: name, axes)
    }
    return Shape((0..<shape.rank).filter { !axes.contains($0) }.map { shape[$0] })  // `reduce`, C7
  }

  private func requireAxis(_ axis: Int, _ shape: Shape) throws(ShapeError) {
    guard (0..<shape.rank).contains(axis) else {
      throw .axisOutOfRange(operation: name, axis: axis, rank: shape.rank)
    }
  }
}
