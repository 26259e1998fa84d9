import TensorGraph

extension GraphCompiler {
  /// One step of an optimiser, in the layout in which the weight is kept, on copies of the weight and the slots: where
  /// nobody reads their old content any more, the plan then lets the copies be the parameters' own memory.
  func compileOptimizer(_ node: Node, _ rule: OptimizerRule) throws {
    let weight = node.operands[0]
    let layout = try home(weight).layout
    let gradient = try located(node.operands[1], as: layout)
    let (rate, scale) = (try rowMajor(node.operands[2]), try rowMajor(node.operands[3]))
    let targets = try zip([weight] + node.operands[4...], node.results).map { operand, result in
      try optimizerTarget(operand, result, layout)
    }
    let kernel = OptimizerKernel(rule: rule, count: layout.paddedElementCount)
    append(
      node.operation.name, "kernel, \(layout.layoutSummary)", reads: [gradient, rate, scale] + targets,
      writes: targets
    ) { addresses in
      let pointers = targets.map { addresses.floats($0) }
      let g = UnsafePointer(addresses.floats(gradient))
      let rate = addresses.floats(rate)
      let scale = addresses.floats(scale)
      let slots = Array(pointers.dropFirst())
      return {
        kernel.run(pointers[0], g, learningRate: rate[0], gradientScale: scale[0], slots)
      }
    }
  }

  /// The buffer that holds an operand now and the result afterwards.
  private func optimizerTarget(
    _ operand: Value, _ result: Value, _ layout: MemoryDescriptor
  ) throws -> BufferID {
    let old = Located(buffer: try located(operand, as: layout), layout: layout)
    let new = Located(buffer: define(result, as: layout), layout: layout)
    try appendReorder(old, to: new, name: "copy")
    return new.buffer
  }
}
