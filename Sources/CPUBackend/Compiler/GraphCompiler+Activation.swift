import TensorGraph

// Activations and biases, in the layout of their operand.
extension GraphCompiler {
  func compileReLU(_ node: Node) throws {
    let x = try home(node.operands[0])
    let y = define(node.result, as: x.layout)
    let (dtype, count) = (x.layout.type.dtype, x.layout.paddedElementCount)
    append(node.operation.name, "kernel, \(x.layout.layoutSummary)", reads: [x.buffer], writes: [y]) {
      addresses in
      let (source, target) = (addresses(x.buffer), addresses(y))
      return { RectifierKernel.rectify(dtype, count, source, into: target) }
    }
  }

  func compileReLUGradient(_ node: Node) throws {
    let y = try home(node.operands[0])
    let dy = try located(node.operands[1], as: y.layout)
    let dx = define(node.result, as: y.layout)
    let (dtype, count) = (y.layout.type.dtype, y.layout.paddedElementCount)
    append(
      node.operation.name, "kernel, \(y.layout.layoutSummary)", reads: [y.buffer, dy], writes: [dx]
    ) { addresses in
      let (result, cotangent, target) = (addresses(y.buffer), addresses(dy), addresses(dx))
      return { RectifierKernel.gradient(dtype, count, result, cotangent, into: target) }
    }
  }

  /// - Parameter bias: what the bias was cast from, where that is computed before the node; nil for the bias.
  func compileBiasAdd(_ node: Node, bias wide: Value? = nil) throws {
    let (x, offset) = (try home(node.operands[0]), try paddedBias(wide ?? uncast(node.operands[1])))
    let y = define(node.result, as: x.layout)
    let type = x.layout.type
    let block = x.layout.channelBlock ?? type.shape.channels
    let blocks = shares(of: type.shape.channels, block)
    let kernel = BiasKernel(
      rows: x.layout.paddedElementCount / max(1, block), block: block,
      rowsPerBlock: blocks == 1 ? 0 : type.shape[1] * type.shape[2] * type.shape[3], blocks: blocks)
    append(
      node.operation.name, "kernel, \(x.layout.layoutSummary)", reads: [x.buffer, offset], writes: [y]
    ) { addresses in
      let (source, target) = (addresses(x.buffer), addresses(y))
      let bias = UnsafePointer(addresses.floats(offset))
      return { kernel.run(type.dtype, source, bias, into: target) }
    }
  }
}
