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
      to: define(node.result))
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
      to: define(node.result))
  }

  /// Puts zeros around a tensor, in blocks where it lies in them and keeps its channels.
  func compilePad(_ node: Node, _ before: [Int]) throws {
    let (operand, whole) = (node.operands[0], type(of: node.result))
    let part = type(of: operand)
    let isBlocked = try home(operand).layout.format == .blocked && part.shape.channels == whole.shape.channels
    let shape = PhysicalShape(part.shape, isBlocked: isBlocked)
    let result = PhysicalShape(whole.shape, isBlocked: isBlocked)
    let copy = StridedCopy(
      extents: shape.extents, sourceStrides: shape.strides, targetStrides: result.strides,
      targetOffset: result.offset(of: before))
    let source = try located(operand, as: layout(of: part, isBlocked: isBlocked))
    let layout = layout(of: whole, isBlocked: isBlocked)
    appendCopy(
      "pad", copy, whole.dtype, from: source, to: define(node.result, as: layout), isCleared: layout.byteCount
    )
  }

  /// The same bytes under another shape.
  func compileReshape(_ node: Node) throws {
    let buffer = try rowMajor(node.operands[0])
    place(node.result, at: Located(buffer: buffer, layout: rowMajorLayout(of: node.result)))
  }

  // MARK: Parts

  /// Each part is copied into its place of the whole, in blocks where a part lies in them; row-major where a part would
  /// begin or end inside a block.
  func compileConcatenate(_ node: Node, _ axis: Int) throws {
    let whole = type(of: node.result)
    let isBlocked =
      try node.operands.contains { try canBeDivided(home($0).layout) }
      && node.operands.allSatisfy { type(of: $0).shape.channels % MemoryDescriptor.blockSize == 0 }
    let strides = PhysicalShape(whole.shape, isBlocked: isBlocked).strides
    let sources = try node.operands.map { operand in
      try located(operand, as: layout(of: type(of: operand), isBlocked: isBlocked))
    }
    let target = define(node.result, as: layout(of: whole, isBlocked: isBlocked))
    var offset = [Int](repeating: 0, count: whole.shape.rank)
    for (operand, source) in zip(node.operands, sources) {
      let part = PhysicalShape(type(of: operand).shape, isBlocked: isBlocked)
      let copy = StridedCopy(
        extents: part.extents, sourceStrides: part.strides, targetStrides: strides,
        targetOffset: PhysicalShape(whole.shape, isBlocked: isBlocked).offset(of: offset))
      appendCopy("concatenate", copy, whole.dtype, from: source, to: target)
      offset[axis] += type(of: operand).shape[axis]
    }
  }

  private func layout(of type: TensorType, isBlocked: Bool) -> MemoryDescriptor {
    isBlocked ? MemoryDescriptor(blocked: type) : MemoryDescriptor(rowMajor: type)
  }

  /// Whether a tensor is a batch in whole blocks.
  private func canBeDivided(_ layout: MemoryDescriptor) -> Bool {
    layout.format == .blocked && !layout.isPadded
  }

  /// Takes all channels or whole blocks of them out of a batch in blocks, anything out of a row-major tensor.
  func compileSlice(_ node: Node, _ start: [Int], _ limit: [Int]) throws {
    let (operand, part) = (node.operands[0], type(of: node.result))
    let home = try home(operand)
    let keepsChannels =
      home.layout.format == .blocked && part.shape.channels == home.layout.type.shape.channels
    let isBlocked =
      keepsChannels
      || canBeDivided(home.layout) && start[4] % MemoryDescriptor.blockSize == 0
        && part.shape.channels % MemoryDescriptor.blockSize == 0
    let source = isBlocked ? home.buffer : try rowMajor(operand)
    let shape = PhysicalShape(type(of: operand).shape, isBlocked: isBlocked)
    let result = PhysicalShape(part.shape, isBlocked: isBlocked)
    let copy = StridedCopy(
      extents: result.extents, sourceStrides: shape.strides, sourceOffset: shape.offset(of: start),
      targetStrides: result.strides)
    let target = define(node.result, as: layout(of: part, isBlocked: isBlocked))
    appendCopy("slice", copy, part.dtype, from: source, to: target)
  }
}

/// The axes of a tensor as they lie in memory, the innermost last: a batch in blocks has the axes N, C/16, D, H, W, 16;
/// anything else has its own.
private struct PhysicalShape {
  let extents: [Int]
  private let isBlocked: Bool

  init(_ shape: Shape, isBlocked: Bool) {
    self.isBlocked = isBlocked
    let size = MemoryDescriptor.blockSize
    extents =
      isBlocked ? [shape[0], shares(of: shape[4], size), shape[1], shape[2], shape[3], size] : shape.extents
  }

  var strides: [Int] { Shape(extents).rowMajorStrides }

  /// How far an element lies from the first; in blocks, the first channel of one.
  func offset(of index: [Int]) -> Int {
    let size = MemoryDescriptor.blockSize
    let physical = isBlocked ? [index[0], index[4] / size, index[1], index[2], index[3], 0] : index
    return zip(physical, strides).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
