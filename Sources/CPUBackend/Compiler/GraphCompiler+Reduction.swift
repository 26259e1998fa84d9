import TensorGraph

extension GraphCompiler {
  func compileReduceSum(_ node: Node, _ axes: [Int]) throws {
    let operand = node.operands[0]
    let type = type(of: operand)
    if axes.count == type.shape.rank, type.dtype == .f32 {
      return try compileTotal(node.result, operand, squared: false)
    }
    // A bfloat16 batch that is cast for its sum alone is summed as it is.
    let source = pendingCast(operand).map { self.type(of: $0).dtype == .bf16 ? $0 : operand } ?? operand
    let place = try home(source)
    if type.dtype == .f32, axes == [0, 1, 2, 3], type.shape.rank == 5, let block = place.layout.channelBlock {
      return try compileChannelSum(node.result, type.shape, place, block, self.type(of: source).dtype)
    }
    try compileStridedSum(node, operand, axes)
  }

  /// The sum of all elements of a float32 tensor, or of their squares.
  func compileTotal(_ result: Value, _ operand: Value, squared: Bool) throws {
    let place = try home(operand)
    let count = place.layout.paddedElementCount
    let out = define(result)
    append(
      squared ? "sum of squares" : "sum", "kernel", reads: [place.buffer], writes: [out]
    ) { addresses in
      let x = UnsafePointer(addresses(place.buffer).assumingMemoryBound(to: Float.self))
      let target = addresses.floats(out)
      return { target[0] = ReductionKernel.total(count, x, squared: squared) }
    }
  }

  /// The sum over all axes but the channels of a batch.
  ///
  /// - Parameter known: the same sum where another operation may have computed it.
  func compileChannelSum(of x: Value, _ sum: Value, known: Value?) throws {
    if let place = known.flatMap({ knownHome($0) }) { return self.place(sum, at: place) }
    var place = try home(x)
    if place.layout.channelBlock == nil || place.layout.type.dtype == .f16 {
      place = Located(buffer: try blocked(x), layout: MemoryDescriptor(blocked: batchType(of: x)))
    }
    try compileChannelSum(sum, type(of: x).shape, place, place.layout.channelBlock!, place.layout.type.dtype)
  }

  private func compileChannelSum(
    _ sum: Value, _ shape: Shape, _ place: Located, _ block: Int, _ dtype: DType
  ) throws {
    let out = define(sum)
    let voxels = shape[1] * shape[2] * shape[3]
    append("channel sum", "kernel", reads: [place.buffer], writes: [out]) { addresses in
      let address = addresses(place.buffer)
      let target = addresses.floats(out)
      func work<Element: StoredElement>(_: Element.Type) -> () -> Void {
        let x = UnsafePointer(address.assumingMemoryBound(to: Element.self))
        return {
          ReductionKernel.channelSum(
            batch: shape[0], voxels: voxels, channels: shape.channels, block: block, x, into: target)
        }
      }
      return dtype == .bf16 ? work(BrainFloat.self) : work(Float.self)
    }
  }

  /// Sums axes of a row-major tensor: directly where they are neighbours, else after a transposition that puts
  /// them last.
  private func compileStridedSum(_ node: Node, _ operand: Value, _ axes: [Int]) throws {
    let shape = type(of: operand).shape
    let sorted = axes.sorted()
    let isRun = zip(sorted, sorted.dropFirst()).allSatisfy { $1 == $0 + 1 }
    let source = try kernelOperand(operand)
    if isRun {
      let first = sorted.first ?? shape.rank
      let outer = shape.extents[..<first].reduce(1, *)
      let reduced = sorted.reduce(1) { $0 * shape[$1] }
      let inner = shape.extents[(first + sorted.count)...].reduce(1, *)
      return try withKernelResult(node.result) { out in
        appendSum(source, out, outer, reduced, inner)
      }
    }
    let kept = (0..<shape.rank).filter { !axes.contains($0) }
    let order = kept + sorted
    let transposed = Shape(order.map { shape[$0] })
    let copy = StridedCopy(
      extents: transposed.extents, sourceStrides: order.map { shape.rowMajorStrides[$0] },
      targetStrides: transposed.rowMajorStrides)
    let scratch = makeBuffer(shape.elementCount * 4)
    append("transpose", "strided copy", reads: [source], writes: [scratch]) { addresses in
      let from = UnsafePointer(addresses.floats(source))
      let to = addresses.floats(scratch)
      return { copy.run(from, to) }
    }
    let outer = kept.reduce(1) { $0 * shape[$1] }
    try withKernelResult(node.result) { out in
      appendSum(scratch, out, outer, shape.elementCount / max(1, outer), 1)
    }
  }

  private func appendSum(_ source: BufferID, _ out: BufferID, _ outer: Int, _ reduced: Int, _ inner: Int) {
    append("reduce_sum", "kernel", reads: [source], writes: [out]) { addresses in
      let x = UnsafePointer(addresses.floats(source))
      let target = addresses.floats(out)
      return { ReductionKernel.sum(outer: outer, reduced: reduced, inner: inner, x, into: target) }
    }
  }

  // MARK: Softmax, one-hot, argmax

  func compileSoftmax(_ node: Node) throws {
    let x = try kernelOperand(node.operands[0])
    let shape = type(of: node.result).shape
    try withKernelResult(node.result) { out in
      append("softmax", "kernel", reads: [x], writes: [out]) { addresses in
        let source = UnsafePointer(addresses.floats(x))
        let target = addresses.floats(out)
        return {
          SoftmaxKernel.forward(
            rows: shape.elementCount / shape.channels, channels: shape.channels, source, into: target)
        }
      }
    }
  }

  func compileSoftmaxGradient(_ node: Node) throws {
    let (y, dy) = (try kernelOperand(node.operands[0]), try kernelOperand(node.operands[1]))
    let shape = type(of: node.result).shape
    try withKernelResult(node.result) { out in
      append("softmax_gradient", "kernel", reads: [y, dy], writes: [out]) { addresses in
        let probabilities = UnsafePointer(addresses.floats(y))
        let cotangent = UnsafePointer(addresses.floats(dy))
        let target = addresses.floats(out)
        return {
          SoftmaxKernel.gradient(
            rows: shape.elementCount / shape.channels, channels: shape.channels, probabilities, cotangent,
            into: target)
        }
      }
    }
  }

  func compileOneHot(_ node: Node, _ depth: Int, _ dtype: DType) throws {
    let x = try rowMajor(node.operands[0])
    let count = elementCount(node.operands[0])
    try withKernelResult(node.result) { out in
      append("one_hot", "kernel", reads: [x], writes: [out]) { addresses in
        let labels = UnsafePointer(addresses(x).assumingMemoryBound(to: Int32.self))
        let target = addresses(out)
        switch dtype {
        case .f32, .bf16, .f16:
          let floats = target.assumingMemoryBound(to: Float.self)
          return { IndexingKernel.oneHot(count: count, depth: depth, labels, into: floats) }
        case .i32:
          let integers = target.assumingMemoryBound(to: Int32.self)
          return { IndexingKernel.oneHot(count: count, depth: depth, labels, into: integers) }
        case .bool:
          let bytes = target.assumingMemoryBound(to: UInt8.self)
          return { IndexingKernel.oneHot(count: count, depth: depth, labels, into: bytes) }
        }
      }
    }
  }

  func compileArgmax(_ node: Node, _ axis: Int) throws {
    let operand = node.operands[0]
    let x = try kernelOperand(operand)
    let shape = type(of: operand).shape
    let outer = shape.extents[..<axis].reduce(1, *)
    let inner = shape.extents[(axis + 1)...].reduce(1, *)
    let out = define(node.result)
    let dtype = kernelType(of: operand).dtype
    append("argmax", "kernel", reads: [x], writes: [out]) { addresses in
      let target = addresses(out).assumingMemoryBound(to: Int32.self)
      func work<Element: Comparable>(_: Element.Type) -> () -> Void {
        let source = UnsafePointer(addresses(x).assumingMemoryBound(to: Element.self))
        return {
          IndexingKernel.argmax(outer: outer, reduced: shape[axis], inner: inner, source, into: target)
        }
      }
      switch dtype {
      case .f32, .bf16, .f16: return work(Float.self)
      case .i32: return work(Int32.self)
      case .bool: return work(UInt8.self)
      }
    }
  }
}
