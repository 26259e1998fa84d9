/// What a node of a graph computes. The set is closed: every pass and every backend switches over it without
/// `default`.
///
/// Axes are counted from the outermost. A batch x is `[N, D, H, W, C]`. Operands are named in their order.
public enum Operation: Hashable, Sendable {
  // MARK: Sources

  /// A tensor whose elements all equal one number. No operands.
  case constant(Double, TensorType)

  // MARK: Convolution and pooling

  /// 3-D convolution (a cross-correlation, as everywhere in deep learning).
  /// Operands x `[N, D, H, W, I]`, weights `[KD, KH, KW, I, O]`; result `[N, D', H', W', O]`.
  case convolution(ConvolutionWindow)

  /// The gradient of a convolution with respect to its input, whose shape is `inputShape`; as a forward
  /// operation it is the transposed convolution. Operands dy `[N, D', H', W', O]`, weights
  /// `[KD, KH, KW, I, O]`; result `[N, D, H, W, I]`.
  case convolutionInputGradient(ConvolutionWindow, inputShape: Shape)

  /// The gradient of a convolution with respect to its weights, whose shape is `filterShape`.
  /// Operands x `[N, D, H, W, I]`, dy `[N, D', H', W', O]`; result `[KD, KH, KW, I, O]`.
  case convolutionFilterGradient(ConvolutionWindow, filterShape: Shape)

  /// The largest value under each window. Operand x; padding never wins.
  case maxPool(PoolingWindow)

  /// The gradient of max pooling: each dy goes to the first largest voxel of its window.
  /// Operands x (the pooling's input), dy; result of x's type.
  case maxPoolGradient(PoolingWindow)

  // MARK: Normalisation and activation

  /// x + b along the channels. Operands x `[..., C]`, b `[C]`.
  case biasAdd

  /// (x - mean) / sqrt(variance + epsilon) * scale + offset with the batch's own statistics over all axes but
  /// the channels. Operands x `[..., C]`, scale `[C]`, offset `[C]`; results y, mean `[C]`, variance `[C]`
  /// (divided by the count, not by the count less one).
  case batchNormTraining(epsilon: Double)

  /// Batch norm with given statistics. Operands x, scale, offset, mean, variance.
  case batchNormInference(epsilon: Double)

  /// The gradient of `batchNormTraining`. Operands x, scale, mean, variance, dy; results dx, dscale, doffset.
  case batchNormGradient(epsilon: Double)

  /// max(x, 0).
  case relu

  /// dy where the ReLU's result y is positive, else 0. Operands y, dy.
  case reluGradient

  /// x where positive, else alpha * x with one alpha per channel. Operands x `[..., C]`, alpha `[C]`.
  case prelu

  /// Operands x, alpha, dy; results dx, dalpha `[C]`.
  case preluGradient

  /// exp(x) / sum(exp(x)) over the innermost axis.
  case softmax

  /// y * (dy - sum(y * dy)) over the innermost axis. Operands y (the softmax's result), dy.
  case softmaxGradient

  // MARK: Element by element

  /// Operand x of a floating-point dtype.
  case unary(UnaryFunction)

  /// Operands of equal type; a scalar (rank 0) of the same dtype on either side stands for a whole tensor.
  case binary(BinaryFunction)

  /// Operands of equal type, or a scalar on either side; the result is of dtype bool.
  case compare(Comparison)

  /// Operands predicate (bool, of the others' shape or a scalar), then the value where true, then where false.
  case select

  /// The nearest element of another dtype; floats round to nearest even, floats to integers towards zero.
  case cast(DType)

  // MARK: Shape

  /// Joins operands that agree on every other axis.
  case concatenate(axis: Int)

  /// Elements `start ..< limit` along each axis.
  case slice(start: [Int], limit: [Int])

  /// Zeros before and after each axis.
  case pad(before: [Int], after: [Int])

  /// The same elements in row-major order under another shape.
  case reshape(Shape)

  /// Result axis i is operand axis `permutation[i]`.
  case transpose([Int])

  /// Repeats the operand: its axis i becomes the result's axis `axes[i]`; the other result axes are new.
  case broadcast(Shape, axes: [Int])

  /// The sum over some axes, which vanish.
  case reduceSum(axes: [Int])

  /// A new innermost axis of extent `depth`, 1 where its index equals the operand (i32), else 0.
  case oneHot(depth: Int, DType)

  /// The index (i32) of the largest element along one axis, which vanishes; the first on a tie. NaN is larger
  /// than every number.
  case argmax(axis: Int)

  // MARK: Replicas

  /// The mean of each operand over all replicas of the program: every replica gives its own tensors and receives
  /// the same means. Operands of one floating-point dtype; results of their types. Where there is one replica, the
  /// operands themselves.
  ///
  /// Replicas run their all-reduces in one order, that of the nodes.
  case allReduceMean

  // MARK: Optimisation

  /// One step of an optimiser for one weight. Operands w, g, lr (scalar), gradient scale (scalar), then the
  /// rule's slots; results the new w and the new slots. All float32.
  case optimizerUpdate(OptimizerRule)
}

/// Functions of one number.
public enum UnaryFunction: String, Hashable, Sendable, CaseIterable {
  case negate
  case abs
  case sqrt
  case exp
  case log
  /// 1 / (1 + exp(-x)).
  case logistic
  /// Whether neither infinite nor NaN; the result is of dtype bool.
  case isFinite = "is_finite"
}

/// Functions of two numbers.
public enum BinaryFunction: String, Hashable, Sendable, CaseIterable {
  case add
  case subtract
  case multiply
  case divide
  case maximum
  case minimum
}

/// Relations between two numbers.
public enum Comparison: String, Hashable, Sendable, CaseIterable {
  case equal
  case notEqual = "not_equal"
  case less
  case lessOrEqual = "less_or_equal"
  case greater
  case greaterOrEqual = "greater_or_equal"
}
