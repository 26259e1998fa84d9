extension Operation {
  /// The operation's name in text, in errors and in profiles.
  public var name: String {
    switch self {
    case .constant: "constant"
    case .convolution: "convolution"
    case .convolutionInputGradient: "convolution_input_gradient"
    case .convolutionFilterGradient: "convolution_filter_gradient"
    case .maxPool: "max_pool"
    case .maxPoolGradient: "max_pool_gradient"
    case .biasAdd: "bias_add"
    case .batchNormTraining: "batch_norm_training"
    case .batchNormInference: "batch_norm_inference"
    case .batchNormGradient: "batch_norm_gradient"
    case .relu: "relu"
    case .reluGradient: "relu_gradient"
    case .prelu: "prelu"
    case .preluGradient: "prelu_gradient"
    case .softmax: "softmax"
    case .softmaxGradient: "softmax_gradient"
    case .unary(let function): function.rawValue
    case .binary(let function): function.rawValue
    case .compare(let comparison): comparison.rawValue
    case .select: "select"
    case .cast: "cast"
    case .concatenate: "concatenate"
    case .slice: "slice"
    case .pad: "pad"
    case .reshape: "reshape"
    case .transpose: "transpose"
    case .broadcast: "broadcast"
    case .reduceSum: "reduce_sum"
    case .oneHot: "one_hot"
    case .argmax: "argmax"
    case .allReduceMean: "all_reduce_mean"
    case .optimizerUpdate: "optimizer_update"
    }
  }
}
