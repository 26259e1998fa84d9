/// Whether the mixed-precision rewrite may run an operation in half precision.
///
/// Source: Micikevicius et al. 2018, "Mixed Precision Training", section 3; TensorFlow's
/// `auto_mixed_precision_lists.h` names such lists allow, clear, infer and deny.
public enum PrecisionRule: String, Hashable, Sendable, CaseIterable {
  /// In half: the arithmetic that Tensor Cores and their like speed up.
  case always
  /// As its operands come: it neither gains nor loses by itself.
  case follows
  /// In half only between operations in half: accurate enough, not worth a cast.
  case neighbours
  /// In float32: sums, exponentials, optimisers, and what is no floating-point arithmetic.
  case never
}

extension Operation {
  /// The list that the operation is on.
  public var precisionRule: PrecisionRule {
    switch self {
    case .convolution, .convolutionInputGradient, .convolutionFilterGradient:
      .always
    case .relu, .reluGradient, .prelu, .preluGradient, .maxPool, .maxPoolGradient, .biasAdd, .concatenate,
      .slice, .pad, .reshape, .transpose, .broadcast:
      .follows
    case .binary(.add), .binary(.maximum), .binary(.minimum):
      .follows
    case .batchNormTraining, .batchNormInference, .batchNormGradient:
      .neighbours
    case .binary(.subtract), .binary(.multiply), .binary(.divide), .select:
      .neighbours
    case .constant, .softmax, .softmaxGradient, .unary, .compare, .cast, .reduceSum, .oneHot, .argmax,
      .allReduceMean, .optimizerUpdate:
      .never
    }
  }

  /// The operands that stay float32 in a half-precision node: the parameters and statistics of batch norm.
  func keepsFloat32(operand index: Int) -> Bool {
    switch self {
    case .batchNormTraining, .batchNormInference: index > 0
    case .batchNormGradient: (1...3).contains(index)
    case .constant, .convolution, .convolutionInputGradient, .convolutionFilterGradient, .maxPool,
      .maxPoolGradient, .biasAdd, .relu, .reluGradient, .prelu, .preluGradient, .softmax, .softmaxGradient,
      .unary, .binary, .compare, .select, .cast, .concatenate, .slice, .pad, .reshape, .transpose, .broadcast,
      .reduceSum, .oneHot, .argmax, .allReduceMean, .optimizerUpdate:
      false
    }
  }
}
