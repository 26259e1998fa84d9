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
    place(node.result, at: Located(buffer: buffer, layout: try rowMajorLayout(of: node.result)))
  }

  // MARK: Parts

  /// Each part is copied into its place of the whole, which has the channel blocks of the first blocked part;
  /// row-major where a part would begin or end inside a block.
  func compileConcatenate(_ node: Node, _ axis: Int) throws {
    let whole = type(of: node.result)
    let block = try concatenatedBlock(node, axis)
    let layout =
      try block.flatMap { try MemoryDescriptor(blocked: whole, by: $0) } ?? rowMajorLayout(of: node.result)
    let strides = PhysicalShape(whole.shape, channelBlock: layout.innerBlocks.first).strides
    let sources = try node.operands.map { operand in
      let part = type(of: operand)
      let partLayout = try layout.innerBlocks.first.flatMap { try MemoryDescriptor(blocked: part, by: $0) }
      return try located(operand, as: try partLayout ?? rowMajorLayout(of: operand))
    }
    let target = define(node.result, as: layout)
    var offset = [Int](repeating: 0, count: whole.shape.rank)
    for (operand, source) in zip(node.operands, sources) {
      let part = PhysicalShape(type(of: operand).shape, channelBlock: layout.innerBlocks.first)
      let copy = StridedCopy(
        extents: part.extents, sourceStrides: part.strides, targetStrides: strides,
        targetOffset: PhysicalShape(whole.shape, channelBlock: layout.innerBlocks.first).offset(of: offset))
      appendCopy("concatenate", copy, whole.dtype, from: source, to: target)
      offset[axis] += type(of: operand).shape[axis]
    }
  }

  /// The channel block in which parts can be joined; nil where they have to be row-major.
  private func concatenatedBlock(_ node: Node, _ axis: Int) throws -> Int? {
    let blocks = try node.operands.map { operand in
      let layout = try home(operand).layout
      return layout.innerBlocks.isEmpty || layout.isPadded ? nil : layout.channelBlock
    }
    guard let block = blocks.compactMap({ $0 }).first, MemoryDescriptor.channelBlocks.contains(block) else {
      return nil
    }
    let isWhole = node.operands.allSatisfy { type(of: $0).shape.channels % block == 0 }
    return isWhole ? block : nil
  }

  /// Takes whole channel blocks out of a blocked batch, anything out of a row-major tensor.
  func compileSlice(_ node: Node, _ start: [Int], _ limit: [Int]) throws {
    let (operand, part) = (node.operands[0], type(of: node.result))
    let home = try home(operand)
    var block: Int?
    if !home.layout.innerBlocks.isEmpty, !home.layout.isPadded, let size = home.layout.channelBlock,
      MemoryDescriptor.channelBlocks.contains(size), start[4] % size == 0, part.shape.channels % size == 0
    {
      block = size
    }
    let layout = try block.flatMap { try MemoryDescriptor(blocked: part, by: $0) }
    let source = layout == nil ? try rowMajor(operand) : home.buffer
    let shape = PhysicalShape(type(of: operand).shape, channelBlock: layout == nil ? nil : block)
    let result = PhysicalShape(part.shape, channelBlock: layout == nil ? nil : block)
    let copy = StridedCopy(
      extents: result.extents, sourceStrides: shape.strides, sourceOffset: shape.offset(of: start),
      targetStrides: result.strides)
    let target = define(node.result, as: try layout ?? rowMajorLayout(of: node.result))
    appendCopy("slice", copy, part.dtype, from: source, to: target)
  }
}

/// The axes of a tensor as they lie in memory, the innermost last: a batch in channel blocks has the axes N,
/// C/block, D, H, W, block; anything else has its own.
private struct PhysicalShape {
  let extents: [Int]
  private let block: Int?

  init(_ shape: Shape, channelBlock: Int?) {
    block = channelBlock
    guard let channelBlock else {
      extents = shape.extents
      return
    }
    extents = [shape[0], shape[4] / channelBlock, shape[1], shape[2], shape[3], channelBlock]
  }

  var strides: [Int] { Shape(extents).rowMajorStrides }

  /// How far an element lies from the first; in blocks, the first channel of one.
  func offset(of index: [Int]) -> Int {
    let physical = block.map { [index[0], index[4] / $0, index[1], index[2], index[3], 0] } ?? index
    return zip(physical, strides).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
