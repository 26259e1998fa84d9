import TensorGraph

/// The sum over all elements of the squares of a float32 tensor.
struct SumOfSquares: Fusion {
  let sum: Node
  let operand: Value

  var operands: [Value] { [operand] }
  var results: [Value] { sum.results }

  static func patches(_ index: Int, _ graph: FusedGraph) -> [Patch] {
    guard let sum = graph.plain(index), case .reduceSum(let axes) = sum.operation,
      axes.count == graph.type(of: sum.operands[0]).shape.rank,
      graph.type(of: sum.operands[0]).dtype == .f32,
      let place = graph.defUse.onlyProducer(of: sum.operands[0]), let square = graph.plain(place),
      square.operation == .binary(.multiply), square.operands[0] == square.operands[1]
    else { return [] }
    let fused = SumOfSquares(sum: sum, operand: square.operands[0])
    return [Patch(host: index, places: [place, index], operation: .sumOfSquares(fused))]
  }

  func lower(_ compiler: GraphCompiler) throws {
    try compiler.compileTotal(sum.result, operand, squared: true)
  }
}
