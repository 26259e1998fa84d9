import TensorGraph

/// The results of one operation on the reference interpreter.
func evaluate(_ operation: Operation, _ operands: Tensor...) throws -> [Tensor] {
  var builder = GraphBuilder(name: operation.name)
  var inputs: [String: Tensor] = [:]
  var values: [Value] = []
  for (index, operand) in operands.enumerated() {
    inputs["x\(index)"] = operand
    values.append(builder.parameter("x\(index)", .input, operand.type))
  }
  let results = try builder.apply(operation, values)
  for (index, result) in results.enumerated() { builder.output("y\(index)", result) }
  let outputs = try Interpreter().run(builder.graph, inputs)
  return results.indices.map { outputs["y\($0)"]! }
}

/// A line of voxels along W, of one channel.
func line(_ elements: [Float]) -> Tensor { Tensor([1, 1, 1, elements.count, 1], elements) }

/// A kernel along W, from one channel to one.
func kernel(_ elements: [Float]) -> Tensor { Tensor([1, 1, elements.count, 1, 1], elements) }

/// A window that moves along W alone.
func alongW(_ axis: WindowAxis = WindowAxis()) -> ConvolutionWindow {
  ConvolutionWindow([WindowAxis(), WindowAxis(), axis])
}
