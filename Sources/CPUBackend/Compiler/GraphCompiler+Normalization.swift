import TensorGraph

extension GraphCompiler {
  /// Batch norm with given statistics.
  func compileBatchNormInference(_ node: Node, _ epsilon: Float) throws {
    let work = BatchNormWork(
      pass: channelPass(node.operands[0]), epsilon: Double(epsilon), isRectified: false)
    let x = try blocked(node.operands[0])
    let parameters = try node.operands[1...4].map { try kernelOperand($0) }
    let scratch = makeBuffer(4 * work.scratchCount)
    try withBlockedResult(node.result) { y in
      append(
        node.operation.name, "passes, blocked 16c", reads: [x] + parameters, writes: [y], scratch: scratch
      ) { addresses in
        let numbers = parameters.map { UnsafePointer(addresses.floats($0)) }
        let inference = BatchNormWork.Inference(
          x: addresses(x), scale: numbers[0], offset: numbers[1], mean: numbers[2], variance: numbers[3],
          y: addresses(y), scratch: addresses.floats(scratch))
        return { work.run(inference) }
      }
    }
  }
}
