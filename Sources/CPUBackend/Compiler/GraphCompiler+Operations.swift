import TensorGraph

extension GraphCompiler {
  /// Appends the steps of an operation that is not fused with others.
  func compile(_ node: Node) throws {
    switch node.operation {
    case .constant(let number, _): try compileConstant(node, number)
    case .biasAdd: try compileBiasAdd(node)
    case .batchNormInference(let epsilon): try compileBatchNormInference(node, Float(epsilon))
    case .relu: try compileReLU(node)
    case .reluGradient: try compileReLUGradient(node)
    case .prelu: try compilePReLU(node)
    case .preluGradient: try compilePReLUGradient(node)
    case .softmax: try compileSoftmax(node)
    case .softmaxGradient: try compileSoftmaxGradient(node)
    case .unary(let function): try compileUnary(node, function)
    case .binary(let function): try compileBinary(node, function)
    case .compare(let comparison): try compileCompare(node, comparison)
    case .select: try compileSelect(node)
    case .cast: try compileCast(node)
    case .concatenate(let axis): try compileConcatenate(node, axis)
    case .slice(let start, let limit): try compileSlice(node, start, limit)
    case .pad(let before, _): try compilePad(node, before)
    case .reshape: try compileReshape(node)
    case .transpose(let permutation): try compileTranspose(node, permutation)
    case .broadcast(_, let axes): try compileBroadcast(node, axes)
    case .reduceSum(let axes): try compileReduceSum(node, axes)
    case .oneHot(let depth, let dtype): try compileOneHot(node, depth, dtype)
    case .argmax(let axis): try compileArgmax(node, axis)
    case .allReduceMean: try compileAllReduce(node)
    case .optimizerUpdate(let rule): try compileOptimizer(node, rule)
    case .convolution, .convolutionInputGradient, .convolutionFilterGradient, .batchNormTraining,
      .batchNormGradient, .maxPool, .maxPoolGradient:
      preconditionFailure("\(node.operation.name) is an operation of its own in a fused graph")
    }
  }
}
