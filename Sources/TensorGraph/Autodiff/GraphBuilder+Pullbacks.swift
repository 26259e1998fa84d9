// The gradient rules, one per operation.
extension GraphBuilder {
  /// Returns, for each operand of a node, its share of the cotangent; nil where it has none.
  ///
  /// - Parameters:
  ///   - incoming: the cotangents of the node's results, nil where the loss does not depend on one.
  ///   - isNeeded: for each operand, whether its gradient is wanted; others may be left nil.
  mutating func pullback(
    _ node: Node, _ incoming: [Value?], _ isNeeded: [Bool]
  ) throws(ShapeError) -> [Value?] {
    let operands = node.operands
    // Only batch norm has several results, and `gradients` lets a cotangent into its first alone.
    guard let dy = incoming[0] else { return operands.map { _ in nil } }
    switch node.operation {
    case .constant, .oneHot, .argmax, .compare:
      return operands.map { _ in nil }
    case .convolution(let window):
      return try convolutionPullback(operands, dy, window, isNeeded)
    case .convolutionInputGradient(let window, _):
      let filterShape = shape(of: operands[1])
      return [
        isNeeded[0] ? try convolution(dy, operands[1], window) : nil,
        isNeeded[1]
          ? try apply(.convolutionFilterGradient(window, filterShape: filterShape), dy, operands[0]) : nil,
      ]
    case .convolutionFilterGradient(let window, _):
      let inputShape = shape(of: operands[0])
      return [
        isNeeded[0]
          ? try apply(.convolutionInputGradient(window, inputShape: inputShape), operands[1], dy) : nil,
        isNeeded[1] ? try convolution(operands[0], dy, window) : nil,
      ]
    case .maxPool(let window):
      return [try apply(.maxPoolGradient(window), operands[0], dy)]
    case .biasAdd:
      let axes = Array(0..<shape(of: dy).rank - 1)
      return [dy, isNeeded[1] ? try reduceSum(dy, axes: axes) : nil]
    case .batchNormTraining(let epsilon):
      return try apply(
        .batchNormGradient(epsilon: epsilon),
        [operands[0], operands[1], node.results[1], node.results[2], dy])
    case .relu:
      return [try apply(.reluGradient, node.result, dy)]
    case .prelu:
      return try apply(.preluGradient, [operands[0], operands[1], dy])
    case .softmax:
      return [try apply(.softmaxGradient, node.result, dy)]
    case .unary(let function):
      return [try unaryPullback(function, operands[0], node.result, dy)]
    case .binary(let function):
      return try binaryPullback(function, operands, node.result, dy, isNeeded)
    case .select:
      return try selectPullback(operands, dy)
    case .cast:
      let dtype = type(of: operands[0]).dtype
      return [dtype.isFloatingPoint ? try cast(dy, to: dtype) : nil]
    case .concatenate(let axis):
      return try concatenatePullback(operands, dy, axis)
    case .slice(let start, let limit):
      let extents = shape(of: operands[0]).extents
      return [try pad(dy, before: start, after: zip(extents, limit).map { $0 - $1 })]
    case .pad(let before, _):
      let limit = zip(before, shape(of: operands[0]).extents).map { $0 + $1 }
      return [try slice(dy, start: before, limit: limit)]
    case .reshape:
      return [try reshape(dy, to: shape(of: operands[0]))]
    case .transpose(let permutation):
      return [try transpose(dy, permutation.indices.map { permutation.firstIndex(of: $0)! })]
    case .broadcast(_, let axes):
      return [try broadcastPullback(operands[0], dy, axes)]
    case .reduceSum(let axes):
      let target = shape(of: operands[0])
      let kept = (0..<target.rank).filter { !axes.contains($0) }
      return [try broadcast(dy, to: target, axes: kept)]
    case .batchNormInference(let epsilon):
      return try batchNormInferencePullback(operands, dy, epsilon)
    case .maxPoolGradient, .batchNormGradient, .reluGradient, .preluGradient, .softmaxGradient,
      .allReduceMean, .optimizerUpdate:
      preconditionFailure("`gradients` refuses \(node.operation.name)")
    }
  }

  private mutating func convolutionPullback(
    _ operands: [Value], _ dy: Value, _ window: ConvolutionWindow, _ isNeeded: [Bool]
  ) throws(ShapeError) -> [Value?] {
    let inputShape = shape(of: operands[0])
    let filterShape = shape(of: operands[1])
    return [
      isNeeded[0]
        ? try apply(.convolutionInputGradient(window, inputShape: inputShape), dy, operands[1]) : nil,
      isNeeded[1]
        ? try apply(.convolutionFilterGradient(window, filterShape: filterShape), operands[0], dy) : nil,
    ]
  }

  /// dx = dy * scale / sqrt(variance + epsilon); the statistics are held constant. Computed in float32, the
  /// dtype of the statistics, whatever that of x.
  private mutating func batchNormInferencePullback(
    _ operands: [Value], _ dy: Value, _ epsilon: Double
  ) throws(ShapeError) -> [Value?] {
    let (scale, mean, variance) = (operands[1], operands[3], operands[4])
    let target = shape(of: dy)
    let dtype = type(of: dy).dtype
    let channelAxis = [target.rank - 1]
    let axes = Array(0..<target.rank - 1)
    let x = try casted(operands[0], to: .f32)
    let cotangent = try casted(dy, to: .f32)
    let deviation = try squareRoot(try add(variance, constant(epsilon)))
    let factor = try broadcast(try divide(scale, deviation), to: target, axes: channelAxis)
    let centred = try subtract(x, try broadcast(mean, to: target, axes: channelAxis))
    let normalised = try divide(centred, try broadcast(deviation, to: target, axes: channelAxis))
    return [
      try casted(try multiply(cotangent, factor), to: dtype),
      try reduceSum(try multiply(cotangent, normalised), axes: axes),
      try reduceSum(cotangent, axes: axes), nil, nil,
    ]
  }

  /// The value in another dtype; itself where it is of that dtype.
  private mutating func casted(_ x: Value, to dtype: DType) throws(ShapeError) -> Value {
    type(of: x).dtype == dtype ? x : try cast(x, to: dtype)
  }

  private mutating func unaryPullback(
    _ function: UnaryFunction, _ x: Value, _ y: Value, _ dy: Value
  ) throws(ShapeError) -> Value? {
    switch function {
    case .negate:
      return try unary(.negate, dy)
    case .abs:
      let zero = constant(0, TensorType(type(of: x).dtype, .scalar))
      return try select(try compare(x, .less, zero), try unary(.negate, dy), dy)
    case .sqrt:
      let half = constant(0.5, TensorType(type(of: x).dtype, .scalar))
      return try divide(try multiply(dy, half), y)
    case .exp:
      return try multiply(dy, y)
    case .log:
      return try divide(dy, x)
    case .logistic:
      let one = constant(1, TensorType(type(of: x).dtype, .scalar))
      return try multiply(dy, try multiply(y, try subtract(one, y)))
    case .isFinite:
      return nil
    }
  }

  private mutating func binaryPullback(
    _ function: BinaryFunction, _ operands: [Value], _ y: Value, _ dy: Value, _ isNeeded: [Bool]
  ) throws(ShapeError) -> [Value?] {
    let (a, b) = (operands[0], operands[1])
    var da: Value?
    var db: Value?
    switch function {
    case .add:
      (da, db) = (dy, dy)
    case .subtract:
      (da, db) = (dy, isNeeded[1] ? try unary(.negate, dy) : nil)
    case .multiply:
      da = isNeeded[0] ? try multiply(dy, b) : nil
      db = isNeeded[1] ? try multiply(dy, a) : nil
    case .divide:
      let quotient = try divide(dy, b)
      da = quotient
      db = isNeeded[1] ? try unary(.negate, try multiply(quotient, y)) : nil
    case .maximum, .minimum:
      let zero = constant(0, TensorType(type(of: dy).dtype, .scalar))
      let isFirst = try compare(a, function == .maximum ? .greaterOrEqual : .lessOrEqual, b)
      da = isNeeded[0] ? try select(isFirst, dy, zero) : nil
      db = isNeeded[1] ? try select(isFirst, zero, dy) : nil
    }
    return [try reducedIfScalar(da, like: a), try reducedIfScalar(db, like: b)]
  }

  /// A scalar operand stood for a whole tensor: its cotangent is the sum.
  private mutating func reducedIfScalar(
    _ cotangent: Value?, like operand: Value
  ) throws(ShapeError) -> Value? {
    guard let cotangent, shape(of: operand).rank == 0, shape(of: cotangent).rank > 0 else { return cotangent }
    return try reduceSum(cotangent)
  }

  private mutating func selectPullback(_ operands: [Value], _ dy: Value) throws(ShapeError) -> [Value?] {
    let zero = constant(0, TensorType(type(of: dy).dtype, .scalar))
    return [
      nil, try reducedIfScalar(try select(operands[0], dy, zero), like: operands[1]),
      try reducedIfScalar(try select(operands[0], zero, dy), like: operands[2]),
    ]
  }

  private mutating func concatenatePullback(
    _ operands: [Value], _ dy: Value, _ axis: Int
  ) throws(ShapeError) -> [Value?] {
    var start = [Int](repeating: 0, count: shape(of: dy).rank)
    var limit = shape(of: dy).extents
    var parts: [Value?] = []
    for operand in operands {
      limit[axis] = start[axis] + shape(of: operand)[axis]
      parts.append(try slice(dy, start: start, limit: limit))
      start[axis] = limit[axis]
    }
    return parts
  }

  private mutating func broadcastPullback(
    _ operand: Value, _ dy: Value, _ axes: [Int]
  ) throws(ShapeError) -> Value {
    let source = shape(of: operand)
    let target = shape(of: dy)
    let summed = (0..<target.rank).filter { axis in
      guard let index = axes.firstIndex(of: axis) else { return true }
      return source[index] == 1 && target[axis] != 1
    }
    let reduced = try reduceSum(dy, axes: summed)
    // Axes that survive come in the target's order; the operand wants its own.
    let survivors = (0..<target.rank).filter { !summed.contains($0) }
    let inOperandOrder = axes.filter { survivors.contains($0) }.map { survivors.firstIndex(of: $0)! }
    return try reshape(try transpose(reduced, inOperandOrder), to: source)
  }
}
