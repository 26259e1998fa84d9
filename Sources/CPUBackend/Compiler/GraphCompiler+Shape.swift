import COneDNN
import TensorGraph

extension GraphCompiler {
  // MARK: Moving elements

  /// Appends a copy between row-major buffers of one dtype.
  private func appendCopy(
    _ name: String, _ copy: StridedCopy, _ dtype: DType, from source: BufferID, to target: BufferID,
    isCleared: Int? = nil
  ) {
    append(name, "strided copy", reads: [source], writes: [target]) { addresses in
      let (from, to) = (addresses(source), addresses(target))
      func work<Element>(_: Element.Type) -> () -> Void {
        {
          if let isCleared {
            UnsafeMutableRawBufferPointer(start: to, count: isCleared).initializeMemory(
              as: UInt8.self, repeating: 0)
          }
          copy.run(
            UnsafePointer(from.assumingMemoryBound(to: Element.self)),
            to.assumingMemoryBound(to: Element.self))
        }
      }
      switch dtype.byteCount {
      case 1: return work(UInt8.self)
      case 2: return work(UInt16.self)
      default: return work(UInt32.self)
      }
    }
  }

  func compileTranspose(_ node: Node, _ permutation: [Int]) throws {
    let strides = type(of: node.operands[0]).shape.rowMajorStrides
    let shape = type(of: node.result).shape
    let copy = StridedCopy(
      extents: shape.extents, sourceStrides: permutation.map { strides[$0] },
      targetStrides: shape.rowMajorStrides)
    appendCopy(
      "transpose", copy, type(of: node.result).dtype, from: try rowMajor(node.operands[0]),
      to: try define(node.result))
  }

  func compileBroadcast(_ node: Node, _ axes: [Int]) throws {
    let source = type(of: node.operands[0]).shape
    let shape = type(of: node.result).shape
    var strides = [Int](repeating: 0, count: shape.rank)
    for (axis, target) in axes.enumerated() where source[axis] != 1 {
      strides[target] = source.rowMajorStrides[axis]
    }
    let copy = StridedCopy(
      extents: shape.extents, sourceStrides: strides, targetStrides: shape.rowMajorStrides)
    appendCopy(
      "broadcast", copy, type(of: node.result).dtype, from: try rowMajor(node.operands[0]),
      to: try define(node.result))
  }

  func compilePad(_ node: Node, _ before: [Int]) throws {
    let source = type(of: node.operands[0]).shape
    let strides = type(of: node.result).shape.rowMajorStrides
    let copy = StridedCopy(
      extents: source.extents, sourceStrides: source.rowMajorStrides, targetStrides: strides,
      targetOffset: zip(before, strides).reduce(0) { $0 + $1.0 * $1.1 })
    appendCopy(
      "pad", copy, type(of: node.result).dtype, from: try rowMajor(node.operands[0]),
      to: try define(node.result), isCleared: type(of: node.result).byteCount)
  }

  /// The same bytes under another shape.
  func compileReshape(_ node: Node) throws {
    let buffer = try rowMajor(node.operands[0])
    places[node.result] = [Located(buffer: buffer, layout: try rowMajorLayout(of: node.result))]
  }

  // MARK: Parts

  /// Each part is reordered into its place of the whole, which has the blocks of the first blocked part.
  /// Dtypes other than float32 are copied: reorders may pass them through float32 and flush subnormals.
  func compileConcatenate(_ node: Node, _ axis: Int) throws {
    guard type(of: node.result).dtype == .f32 else { return try compileConcatenateRowMajor(node, axis) }
    let layout = try concatenatedLayout(node)
    let parts = try partLayouts(of: node.operands, axis, in: layout)
    guard let parts else { return try compileConcatenateRowMajor(node, axis) }
    let buffer = define(node.result, as: layout)
    for (operand, part) in zip(node.operands, parts) {
      try appendReorder(
        try home(operand), to: Located(buffer: buffer, layout: part), name: "concatenate")
    }
  }

  private func concatenatedLayout(_ node: Node) throws -> MemoryDescriptor {
    for operand in node.operands {
      let layout = try home(operand).layout
      if !layout.innerBlocks.isEmpty, let block = layout.channelBlock, !layout.isPadded {
        return try MemoryDescriptor(type(of: node.result), channelBlock: block)
          ?? rowMajorLayout(of: node.result)
      }
    }
    return try rowMajorLayout(of: node.result)
  }

  /// Where each part lies in the whole; nil where a part would begin or end inside a block.
  private func partLayouts(
    of operands: [Value], _ axis: Int, in layout: MemoryDescriptor
  ) throws -> [MemoryDescriptor]? {
    guard !layout.isPadded else { return nil }
    var offsets = [Int](repeating: 0, count: layout.rank)
    var parts: [MemoryDescriptor] = []
    for operand in operands {
      let shape = type(of: operand).shape
      let isBlocked = !layout.innerBlocks.isEmpty
      let block = isBlocked && axis == 4 ? layout.innerBlocks[0] : 1
      guard shape[axis] % block == 0, let part = layout.part(shape.extents, at: offsets) else { return nil }
      parts.append(part)
      offsets[axis] += shape[axis]
    }
    return parts
  }

  private func compileConcatenateRowMajor(_ node: Node, _ axis: Int) throws {
    let strides = type(of: node.result).shape.rowMajorStrides
    let target = try define(node.result)
    var offset = 0
    for operand in node.operands {
      let shape = type(of: operand).shape
      let copy = StridedCopy(
        extents: shape.extents, sourceStrides: shape.rowMajorStrides, targetStrides: strides,
        targetOffset: offset * strides[axis])
      appendCopy("concatenate", copy, type(of: operand).dtype, from: try rowMajor(operand), to: target)
      offset += shape[axis]
    }
  }

  func compileSlice(_ node: Node, _ start: [Int], _ limit: [Int]) throws {
    let source = try home(node.operands[0])
    if try compileBlockedSlice(node, start, source) { return }
    let shape = type(of: node.operands[0]).shape
    let strides = shape.rowMajorStrides
    let copy = StridedCopy(
      extents: type(of: node.result).shape.extents, sourceStrides: strides,
      sourceOffset: zip(start, strides).reduce(0) { $0 + $1.0 * $1.1 },
      targetStrides: type(of: node.result).shape.rowMajorStrides)
    appendCopy(
      "slice", copy, type(of: node.result).dtype, from: try rowMajor(node.operands[0]),
      to: try define(node.result))
  }

  /// Takes whole channel blocks out of a blocked batch. Returns whether it could.
  private func compileBlockedSlice(_ node: Node, _ start: [Int], _ source: Located) throws -> Bool {
    let type = type(of: node.result)
    guard !source.layout.innerBlocks.isEmpty, !source.layout.isPadded,
      let block = source.layout.channelBlock, start[4] % block == 0, type.shape.channels % block == 0,
      let target = try MemoryDescriptor(type, channelBlock: block),
      let part = source.layout.part(type.shape.extents, at: start)
    else { return false }
    let place = Located(buffer: define(node.result, as: target), layout: target)
    try appendReorder(Located(buffer: source.buffer, layout: part), to: place, name: "slice")
    return true
  }
}

extension MemoryDescriptor {
  /// A batch `[N, D, H, W, C]` as N, C/block, D, H, W, block; nil for a block that oneDNN has no tag for.
  convenience init?(_ type: TensorType, channelBlock: Int) throws {
    let tag: dnnl_format_tag_t
    switch channelBlock {
    case 16: tag = dnnl_nCdhw16c
    case 8: tag = dnnl_nCdhw8c
    default: return nil
    }
    let extents = AxisOrder.activations.extents(type.shape)
    var handle: dnnl_memory_desc_t?
    try check(
      dnnl_memory_desc_create_with_tag(
        &handle, Int32(extents.count), extents.map(Int64.init), type.dtype.oneDNN, tag),
      "memory descriptor of \(type)")
    let ordered = MemoryDescriptor(owning: handle!)
    let graphOrdered = try ordered.inGraphOrder(.activations)
    try self.init(copying: graphOrdered.handle)
  }
}
