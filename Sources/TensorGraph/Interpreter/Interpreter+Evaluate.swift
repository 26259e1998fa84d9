extension Interpreter {
  /// Computes one operation.
  ///
  /// - Parameters:
  ///   - x: the operands, of types that `operation` takes.
  ///   - types: what `Operation.resultTypes` says of them.
  ///   - collectives: the replicas; nil where there is one.
  /// - Throws: what `collectives` throw.
  static func evaluate(
    _ operation: Operation, _ x: [Tensor], _ types: [TensorType], _ collectives: (any Collectives)? = nil
  ) throws -> [Tensor] {
    let type = types[0]
    return switch operation {
    case .constant(let value, _): [Tensor(type, repeating: value.rounded(to: type.dtype))]
    case .convolution(let window): [convolution(x[0], x[1], window, type)]
    case .convolutionInputGradient(let window, _): [convolutionInputGradient(x[0], x[1], window, type)]
    case .convolutionFilterGradient(let window, _): [convolutionFilterGradient(x[0], x[1], window, type)]
    case .maxPool(let window): [maxPool(x[0], window, type)]
    case .maxPoolGradient(let window): [maxPoolGradient(x[0], x[1], window)]
    case .biasAdd: [biasAdd(x[0], x[1])]
    case .batchNormTraining(let epsilon): batchNormTraining(x, epsilon, types)
    case .batchNormInference(let epsilon): [batchNormInference(x, epsilon)]
    case .batchNormGradient(let epsilon): batchNormGradient(x, epsilon, types)
    case .relu: [relu(x[0])]
    case .reluGradient: [reluGradient(x[0], x[1])]
    case .prelu: [prelu(x[0], x[1])]
    case .preluGradient: preluGradient(x[0], x[1], x[2])
    case .softmax: [softmax(x[0])]
    case .softmaxGradient: [softmaxGradient(x[0], x[1])]
    case .unary(let function): [unary(function, x[0], type)]
    case .binary(let function): [binary(function, x[0], x[1], type)]
    case .compare(let comparison): [compare(comparison, x[0], x[1], type)]
    case .select: [select(x[0], x[1], x[2], type)]
    case .cast: [cast(x[0], type)]
    case .concatenate(let axis): [concatenate(x, axis, type)]
    case .slice(let start, _): [slice(x[0], start, type)]
    case .pad(let before, _): [pad(x[0], before, type)]
    case .reshape: [Tensor(type, x[0].elements)]
    case .transpose(let permutation): [transpose(x[0], permutation, type)]
    case .broadcast(_, let axes): [broadcast(x[0], axes, type)]
    case .reduceSum(let axes): [reduceSum(x[0], axes, type)]
    case .oneHot(let depth, _): [oneHot(x[0], depth, type)]
    case .argmax(let axis): [argmax(x[0], axis, type)]
    case .allReduceMean: try allReduceMean(x, collectives)
    case .optimizerUpdate(let rule): optimizerUpdate(x, rule)
    }
  }
}
