extension Operation {
  /// Returns the types of the results that the operation yields for operands of the given types, checking the
  /// constraints that the operands must meet.
  ///
  /// Source: StableHLO specification; the numbered constraints are cited where they are enforced, as (C1) of the
  /// operation named above them. Operations that StableHLO lacks (bias_add, relu, prelu, softmax, one_hot, argmax,
  /// all_reduce_mean, optimizer_update and the gradients of all but batch norm) say in `Operation` what they take.
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
      try requireEqual(try poolingType(operands[0], window), operands[1])  // `select_and_scatter`, C1, C2
      return [operands[0]]
    case .biasAdd, .prelu:
      try requirePerChannel(operands[1], operands[0], dtype: operands[0].dtype)
      return [operands[0]]
    case .preluGradient:
      try requirePerChannel(operands[1], operands[0], dtype: operands[0].dtype)
      try requireEqual(operands[0], operands[2])
      return [operands[0], operands[1]]
    case .batchNormTraining:
      let channels = try statisticsType(operands, operands[0])
      return [operands[0], channels, channels]  // `batch_norm_training`, C5, C6, C7
    case .batchNormInference:
      _ = try statisticsType(operands, operands[0])
      return [operands[0]]  // `batch_norm_inference`, C7
    case .batchNormGradient:
      let channels = try statisticsType(Array(operands[0..<4]), operands[0])
      try requireEqual(operands[0], operands[4])  // `batch_norm_grad`, C3
      return [operands[0], channels, channels]  // `batch_norm_grad`, C3, C4
    case .relu, .reluGradient:
      return [try activationType(operands)]
    case .softmax, .softmaxGradient:
      return [try softmaxType(operands)]
    case .unary(let function):
      try requireFloatingPoint(operands[0])
      // C1 of each; StableHLO's `negate` and `abs` take integers also.
      return [function == .isFinite ? TensorType(.bool, operands[0].shape) : operands[0]]
    case .binary:
      return [try binaryType(operands[0], operands[1])]
    case .compare:
      return [TensorType(.bool, try joined(operands[0], operands[1]).shape)]  // `compare`, C1, C2
    case .select:
      return [try selectedType(operands[0], operands[1], operands[2])]
    case .cast(let dtype):
      return [TensorType(dtype, operands[0].shape)]  // `convert`, C1
    case .concatenate(let axis):
      return [try concatenatedType(operands, axis)]
    case .slice(let start, let limit):
      return [TensorType(operands[0].dtype, try slicedShape(operands[0].shape, start, limit))]
    case .pad(let before, let after):
      return [TensorType(operands[0].dtype, try paddedShape(operands[0].shape, before, after))]
    case .reshape(let shape):
      return [try reshapedType(operands[0], shape)]
    case .transpose(let permutation):
      return [try transposedType(operands[0], permutation)]
    case .broadcast(let shape, let axes):
      try requireBroadcastable(operands[0].shape, shape, axes)
      return [TensorType(operands[0].dtype, shape)]  // `broadcast_in_dim`, C1
    case .reduceSum(let axes):
      try requireFloatingPoint(operands[0])  // StableHLO's `reduce` takes any element type.
      return [TensorType(operands[0].dtype, try reducedShape(operands[0].shape, axes))]
    case .oneHot(let depth, let dtype):
      return [try oneHotType(operands[0], depth, dtype)]
    case .argmax(let axis):
      return [TensorType(.i32, try reducedShape(operands[0].shape, [axis]))]
    case .allReduceMean:
      for operand in operands {
        try requireFloatingPoint(operand)
        try requireSameDType(operands[0], operand)
      }
      return operands
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
    case .concatenate, .allReduceMean: nil
    case .optimizerUpdate(let rule): 4 + rule.slots.count
    }
  }

  func requireOperandCount(_ count: Int) throws(ShapeError) {
    // `concatenate`, C3 (0 < size(inputs)).
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
