import TensorGraph

extension GraphCompiler {
  /// The max pooling of x, and which voxel was the largest of each window.
  func compileMaxPool(_ x: Value, _ window: PoolingWindow, y: Value, winners: Value) throws {
    let kernel = MaxPoolKernel(window, input: batchType(of: x), output: type(of: y).shape)
    let source = try blocked(x)
    let notes = define(winners, as: MemoryDescriptor(blocked: type(of: winners)))
    try withBlockedResult(y) { target in
      append("max_pool", "kernel, blocked 16c", reads: [source], writes: [target, notes]) { addresses in
        let (from, to) = (addresses(source), addresses(target))
        let winners = addresses(notes).assumingMemoryBound(to: Int32.self)
        return { kernel.run(from, into: to, winners) }
      }
    }
  }

  /// The gradient of a max pooling, from what that noted.
  func compileMaxPoolGradient(_ node: Node, _ window: PoolingWindow, winners: Value) throws {
    let (x, dy) = (node.operands[0], node.operands[1])
    let kernel = MaxPoolKernel(window, input: batchType(of: x), output: type(of: dy).shape)
    let (cotangent, notes) = (try blocked(dy), try home(winners).buffer)
    let threads = threadCount
    let scratch = makeBuffer(4 * threads * kernel.blockCount)
    try withBlockedResult(node.result) { dx in
      append(
        node.operation.name, "kernel, blocked 16c", reads: [cotangent, notes], writes: [dx], scratch: scratch
      ) { addresses in
        let (from, to) = (addresses(cotangent), addresses(dx))
        let winners = addresses(notes).assumingMemoryBound(to: Int32.self)
        let sums = addresses.floats(scratch)
        return { kernel.runGradient(from, winners, into: to, scratch: sums, threadCount: threads) }
      }
    }
  }
}
