import TensorGraph

extension GraphCompiler {
  /// Compiles a cluster into one step.
  func compileRows(_ cluster: RowClusters.Cluster) throws {
    let nodes = cluster.nodes.map { graph.nodes[$0] }
    let results = Set(nodes.flatMap(\.results))
    var program = RowProgram(shape: cluster.shape)
    var reads: [BufferID] = []
    for operand in nodes.flatMap(\.operands) where !results.contains(operand) {
      guard program.slots[operand] == nil else { continue }
      let isInteger = type(of: operand).dtype == .i32
      let buffer = try isInteger ? rowMajor(operand) : kernelOperand(operand)
      reads.append(buffer)
      program.addInput(operand, type(of: operand).shape)
    }
    var writes: [BufferID] = []
    for node in nodes {
      let isKept = fusions.users[node.result.id].contains { !cluster.nodes.contains($0) }
      if isKept { writes.append(try define(node.result)) }
      program.add(node, isKept: isKept)
    }
    let scratch = makeBuffer(program.scratchByteCount(threadCount: threadCount))
    let threads = threadCount
    append(
      "loss", nodes.map(\.operation.name).joined(separator: ", "), reads: reads, writes: writes,
      scratch: scratch
    ) { [program] addresses in
      let inputs = reads.map { addresses($0) }
      let outputs = writes.map { addresses.floats($0) }
      let memory = addresses(scratch)
      return { program.run(inputs, outputs, memory, threadCount: threads) }
    }
  }
}
