extension Operation {
  /// What the operation's text holds besides its name and operands; nil where there is nothing more to say than
  /// the types of the results do.
  var attributes: String? {
    switch self {
    case .constant(let value, _): "value = \(value)"
    case .convolution(let window), .convolutionInputGradient(let window, _),
      .convolutionFilterGradient(let window, _):
      window.attributes
    case .maxPool(let window), .maxPoolGradient(let window): window.attributes
    case .batchNormTraining(let epsilon), .batchNormInference(let epsilon), .batchNormGradient(let epsilon):
      "epsilon = \(epsilon)"
    case .concatenate(let axis), .argmax(let axis): "axis = \(axis)"
    case .slice(let start, let limit): "start = \(start), limit = \(limit)"
    case .pad(let before, let after): "before = \(before), after = \(after)"
    case .transpose(let permutation): "permutation = \(permutation)"
    case .broadcast(_, let axes), .reduceSum(let axes): "axes = \(axes)"
    case .optimizerUpdate(let rule): rule.attributes
    case .biasAdd, .relu, .reluGradient, .prelu, .preluGradient, .softmax, .softmaxGradient, .unary, .binary,
      .compare, .select, .cast, .reshape, .oneHot, .allReduceMean:
      nil
    }
  }
}

extension ConvolutionWindow {
  fileprivate var attributes: String {
    "window = {\(spacing(axes)), rhs_dilate = \(axes.map(\.dilation))}"
  }
}

extension PoolingWindow {
  fileprivate var attributes: String { "window = {size = \(kernel), \(spacing(axes))}" }
}

private func spacing(_ axes: [WindowAxis]) -> String {
  "stride = \(axes.map(\.stride)), pad = \(axes.map { [$0.before, $0.after] })"
}

extension OptimizerRule {
  fileprivate var attributes: String {
    switch self {
    case .sgd(let momentum, let nesterov): "rule = sgd, momentum = \(momentum), nesterov = \(nesterov)"
    case .rmsprop(let decay, let epsilon, let momentum):
      "rule = rmsprop, decay = \(decay), epsilon = \(epsilon), momentum = \(momentum)"
    case .adam(let beta1, let beta2, let epsilon):
      "rule = adam, beta1 = \(beta1), beta2 = \(beta2), epsilon = \(epsilon)"
    }
  }
}
