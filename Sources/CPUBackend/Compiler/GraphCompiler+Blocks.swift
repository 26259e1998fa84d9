import CPUKernels
import TensorGraph

// Batches and filters in blocks of 16 channels, in which convolutions and passes over channels compute.
extension GraphCompiler {
  /// A tensor `[..., C]` as a batch that kernels take: of five axes, in float32 or bfloat16.
  func batchType(of value: Value) -> TensorType {
    let type = type(of: value)
    let channels = type.shape.rank > 0 ? type.shape.channels : 1
    let shape: Shape =
      type.shape.rank == 5 ? type.shape : [1, type.shape.elementCount / max(1, channels), 1, 1, channels]
    return TensorType(type.dtype == .bf16 ? .bf16 : .f32, shape)
  }

  /// The batch of a value in blocks.
  func blocked(_ value: Value) throws -> BufferID {
    let layout = MemoryDescriptor(blocked: batchType(of: value))
    if layout.type == type(of: value) { return try located(value, as: layout) }
    let copy = Located(buffer: makeBuffer(layout.byteCount), layout: layout)
    try appendReorder(rowMajorBatch(of: value, in: try rowMajor(value)), to: copy, name: "reorder")
    return copy.buffer
  }

  /// Gives `body` a buffer for the batch of a result in blocks, which is the result's home or copied there afterwards.
  func withBlockedResult(_ value: Value, _ body: (BufferID) throws -> Void) throws {
    let layout = MemoryDescriptor(blocked: batchType(of: value))
    if layout.type == type(of: value) { return try body(define(value, as: layout)) }
    let buffer = makeBuffer(layout.byteCount)
    try body(buffer)
    try appendReorder(
      Located(buffer: buffer, layout: layout), to: rowMajorBatch(of: value, in: define(value)),
      name: "reorder")
  }

  /// A row-major value seen with the five axes of its batch.
  private func rowMajorBatch(of value: Value, in buffer: BufferID) -> Located {
    let type = TensorType(type(of: value).dtype, batchType(of: value).shape)
    return Located(buffer: buffer, layout: MemoryDescriptor(rowMajor: type))
  }

  /// A filter in float32 and in blocks: that which it was cast from, where it was.
  func blockedWeights(_ weights: Value) throws -> BufferID {
    let master = uncast(weights)
    let layout = MemoryDescriptor(blockedWeights: TensorType(.f32, type(of: master).shape))
    if layout.type == type(of: master) { return try located(master, as: layout) }
    let copy = Located(buffer: makeBuffer(layout.byteCount), layout: layout)
    try appendReorder(try home(master), to: copy, name: "cast")
    return copy.buffer
  }

  /// Gives `body` a buffer for a filter gradient in float32 and in blocks.
  func withBlockedWeights(_ value: Value, _ body: (BufferID) throws -> Void) throws {
    let layout = MemoryDescriptor(blockedWeights: TensorType(.f32, type(of: value).shape))
    if layout.type == type(of: value) { return try body(define(value, as: layout)) }
    let buffer = makeBuffer(layout.byteCount)
    try body(buffer)
    let home = Located(buffer: define(value), layout: rowMajorLayout(of: value))
    try appendReorder(Located(buffer: buffer, layout: layout), to: home, name: "cast")
  }

  /// One float32 for each channel, with zeros up to a whole block of channels.
  func paddedBias(_ bias: Value) throws -> BufferID {
    let source = try kernelOperand(bias)
    let count = type(of: bias).shape.elementCount
    let padded = shares(of: count, MemoryDescriptor.blockSize) * MemoryDescriptor.blockSize
    guard padded > count else { return source }
    let target = makeBuffer(4 * padded)
    append("bias padding", "kernel", reads: [source], writes: [target]) { addresses in
      let from = addresses.floats(source)
      let to = addresses.floats(target)
      return {
        to.update(repeating: 0, count: padded)
        to.update(from: from, count: count)
      }
    }
    return target
  }

  /// Passes over the channels of a batch.
  func channelPass(_ x: Value) -> ChannelPass {
    ChannelPass(batchType(of: x), channelKernel(InstructionSet.used.kernels)!, threadCount: threadCount)
  }
}
