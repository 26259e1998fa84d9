extension Operation {
  func reshapedType(_ x: TensorType, _ shape: Shape) throws(ShapeError) -> TensorType {
    guard shape.elementCount == x.shape.elementCount else {  // `reshape`, C2
      throw .elementCountMismatch(operation: name, x.shape, shape)
    }
    return TensorType(x.dtype, shape)
  }

  func transposedType(_ x: TensorType, _ permutation: [Int]) throws(ShapeError) -> TensorType {
    guard permutation.sorted() == Array(0..<x.shape.rank) else {  // `transpose`, C2
      throw .notAPermutation(operation: name, permutation)
    }
    return TensorType(x.dtype, Shape(permutation.map { x.shape[$0] }))  // `transpose`, C3
  }

  func oneHotType(_ x: TensorType, _ depth: Int, _ dtype: DType) throws(ShapeError) -> TensorType {
    guard x.dtype == .i32 else { throw .wrongDType(operation: name, expected: "i32", found: x.dtype) }
    return TensorType(dtype, Shape(x.shape.extents + [depth]))
  }

  /// StableHLO's `concatenate`.
  func concatenatedType(_ operands: [TensorType], _ axis: Int) throws(ShapeError) -> TensorType {
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

  /// StableHLO's `slice` with strides of 1.
  func slicedShape(_ shape: Shape, _ start: [Int], _ limit: [Int]) throws(ShapeError) -> Shape {
    let isValid =
      start.count == shape.rank && limit.count == shape.rank
      && (0..<shape.rank).allSatisfy {
        0 <= start[$0] && start[$0] <= limit[$0] && limit[$0] <= shape[$0]
      }
    guard isValid else { throw .invalidBounds(operation: name, shape, start, limit) }  // C2, C3
    return Shape(zip(start, limit).map { $1 - $0 })  // C5
  }

  /// StableHLO's `pad` with zeros, no interior padding, and no negative padding, which StableHLO allows.
  func paddedShape(_ shape: Shape, _ before: [Int], _ after: [Int]) throws(ShapeError) -> Shape {
    let isValid =
      before.count == shape.rank && after.count == shape.rank && (before + after).allSatisfy { $0 >= 0 }
    guard isValid else { throw .invalidBounds(operation: name, shape, before, after) }  // C2
    return Shape((0..<shape.rank).map { before[$0] + shape[$0] + after[$0] })  // C4
  }

  /// StableHLO's `broadcast_in_dim`.
  func requireBroadcastable(_ shape: Shape, _ result: Shape, _ axes: [Int]) throws(ShapeError) {
    let isValid =
      axes.count == shape.rank && Set(axes).count == axes.count  // C2, C4
      && zip(axes, shape.extents).allSatisfy { axis, extent in
        (0..<result.rank).contains(axis) && (extent == 1 || extent == result[axis])  // C3, C5
      }
    guard isValid else { throw .shapeMismatch(operation: name, shape, result) }
  }

  /// StableHLO's `reduce`.
  func reducedShape(_ shape: Shape, _ axes: [Int]) throws(ShapeError) -> Shape {
    for axis in axes { try requireAxis(axis, shape) }  // C4
    guard Set(axes).count == axes.count else {  // C5
      throw .notAPermutation(operation: name, axes)
    }
    return Shape((0..<shape.rank).filter { !axes.contains($0) }.map { shape[$0] })  // C7
  }

  private func requireAxis(_ axis: Int, _ shape: Shape) throws(ShapeError) {
    guard (0..<shape.rank).contains(axis) else {
      throw .axisOutOfRange(operation: name, axis: axis, rank: shape.rank)
    }
  }
}
