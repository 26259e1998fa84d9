import TensorGraph

/// An all-reduce that was started and that no step waits for yet.
struct OpenAllReduce {
  let index: Int
  let bucket: BufferID
  let results: [Value]
  let count: Int
  let dtype: DType
}

extension GraphCompiler {
  /// Copies the operands into one buffer, row-major, so that replicas need not agree on layouts, and starts the
  /// sum; the step that waits for it stands before the first use of a result.
  func compileAllReduce(_ node: Node) throws {
    let dtype = type(of: node.results[0]).dtype
    let count = node.operands.reduce(0) { $0 + paddedCount($1) }
    let bucket = makeBuffer(count * dtype.byteCount)
    var offset = 0
    for (operand, result) in zip(node.operands, node.results) {
      let layout = rowMajorLayout(of: result)
      let place = Located(buffer: makeBuffer(layout.byteCount, in: bucket, at: offset), layout: layout)
      try appendReorder(try home(operand), to: place, name: "pack")
      appendClearing(place.buffer, from: layout.byteCount, to: paddedCount(operand) * dtype.byteCount)
      self.place(result, at: place)
      offset += paddedCount(operand) * dtype.byteCount
    }
    guard let allReduces = plan.allReduces else { return }
    let index = allReduces.declare(byteCount: count * dtype.byteCount)
    let detail = "\(node.operands.count) tensors, \(count * dtype.byteCount >> 10) KiB \(dtype.rawValue)"
    plan.steps.append(
      Step(name: "all-reduce start", detail: detail, reads: [bucket], writes: [bucket]) { addresses in
        { try allReduces.start(index, addresses(bucket), count: count, dtype) }
      })
    postpone(
      OpenAllReduce(index: index, bucket: bucket, results: node.results, count: count, dtype: dtype))
  }

  /// Elements that a tensor takes in a bucket: each starts at a multiple of 64 bytes.
  private func paddedCount(_ value: Value) -> Int {
    let unit = 64 / type(of: value).dtype.byteCount
    return (elementCount(value) + unit - 1) / unit * unit
  }

  /// Appends a step that zeroes the end of a tensor's part of a bucket, where there is one.
  private func appendClearing(_ buffer: BufferID, from start: Int, to end: Int) {
    guard start < end else { return }
    append("clear", "\(end - start) bytes", reads: [], writes: [buffer]) { addresses in
      let address = addresses(buffer) + start
      return { address.initializeMemory(as: UInt8.self, repeating: 0, count: end - start) }
    }
  }

  /// Appends the step that waits for an all-reduce.
  func appendWait(for open: OpenAllReduce) {
    guard let allReduces = plan.allReduces else { return }
    plan.steps.append(
      Step(name: "all-reduce wait", detail: "mean", reads: [open.bucket], writes: [open.bucket]) {
        addresses in
        let address = addresses(open.bucket)
        let scale = 1 / Float(allReduces.replicaCount)
        let scaling = scaleKernel(open.dtype, open.count, address, by: scale)
        return {
          try allReduces.wait(open.index)
          scaling()
        }
      })
  }
}

/// Returns the work that multiplies elements of a floating-point dtype by a number.
private func scaleKernel(
  _ dtype: DType, _ count: Int, _ address: UnsafeMutableRawPointer, by factor: Float
) -> () -> Void {
  func work<Element: StoredElement>(_: Element.Type) -> () -> Void {
    let elements = address.assumingMemoryBound(to: Element.self)
    return {
      mapElements(count, UnsafePointer(elements), into: elements) { Element(rounding: $0.number * factor) }
    }
  }
  switch dtype {
  case .f32: return work(Float.self)
  case .bf16: return work(BrainFloat.self)
  case .f16: return work(Float16.self)
  case .i32, .bool: preconditionFailure("all_reduce_mean takes floating-point dtypes only")
  }
}
