import TensorGraph
import Testing

/// An operation on operands that it cannot take.
struct Refusal: Sendable, CustomTestStringConvertible {
  var operation: Operation
  var operands: [TensorType]
  var error: ShapeError

  init(_ operation: Operation, _ operands: [TensorType], _ error: ShapeError) {
    (self.operation, self.operands, self.error) = (operation, operands, error)
  }

  var testDescription: String { "\(operation.name): \(error)" }
}

private func f32(_ shape: Shape) -> TensorType { TensorType(.f32, shape) }
private func bf16(_ shape: Shape) -> TensorType { TensorType(.bf16, shape) }
private func i32(_ shape: Shape) -> TensorType { TensorType(.i32, shape) }
private func bool(_ shape: Shape) -> TensorType { TensorType(.bool, shape) }

private func window(_ axis: WindowAxis = WindowAxis()) -> ConvolutionWindow {
  ConvolutionWindow([axis, WindowAxis(), WindowAxis()])
}

private func pooling(_ axis: WindowAxis, kernel: Int = 2) -> PoolingWindow {
  PoolingWindow(kernel: [kernel, 1, 1], axes: [axis, WindowAxis(), WindowAxis()])
}

private let batch = f32([1, 4, 4, 4, 3])
private let filter = f32([3, 3, 3, 3, 5])

@Suite struct ShapeErrorTests {
  @Test(arguments: [
    Refusal(
      .convolution(window()), [batch],
      .wrongOperandCount(operation: "convolution", expected: 2, found: 1)),
    Refusal(
      .convolution(window()), [i32(batch.shape), i32(filter.shape)],
      .wrongDType(operation: "convolution", expected: "a floating-point dtype", found: .i32)),
    Refusal(
      .convolution(window()), [bf16(batch.shape), filter],
      .dtypeMismatch(operation: "convolution", .bf16, .f32)),
    Refusal(
      .convolution(window()), [f32([4, 4, 4, 3]), filter],
      .wrongRank(operation: "convolution", expected: 5, found: [4, 4, 4, 3])),
    Refusal(
      .convolution(window()), [batch, f32([3, 3, 3])],
      .wrongRank(operation: "convolution", expected: 5, found: [3, 3, 3])),
    Refusal(
      .convolution(window()), [f32([1, 4, 4, 4, 2]), filter],
      .channelMismatch(operation: "convolution", input: 2, expected: 3)),
    Refusal(
      .convolution(window()), [f32([1, 2, 4, 4, 3]), filter], .kernelExceedsInput(kernel: 3, input: 2)),
    Refusal(
      .convolution(window(WindowAxis(dilation: 2))), [batch, filter], .kernelExceedsInput(kernel: 5, input: 4)
    ),
    Refusal(
      .convolution(window(WindowAxis(stride: 0))), [batch, filter],
      .invalidWindow(operation: "convolution", WindowAxis(stride: 0))),
    Refusal(
      .convolution(window(WindowAxis(dilation: 0))), [batch, filter],
      .invalidWindow(operation: "convolution", WindowAxis(dilation: 0))),
    Refusal(
      .convolution(window(WindowAxis(before: -1))), [batch, filter],
      .invalidWindow(operation: "convolution", WindowAxis(before: -1))),
    Refusal(
      .convolutionInputGradient(window(), inputShape: batch.shape), [f32([1, 2, 2, 3, 5]), filter],
      .shapeMismatch(operation: "convolution_input_gradient", [1, 2, 2, 2, 5], [1, 2, 2, 3, 5])),
    Refusal(
      .convolutionFilterGradient(window(), filterShape: filter.shape), [batch, f32([1, 2, 2, 2, 4])],
      .shapeMismatch(operation: "convolution_filter_gradient", [1, 2, 2, 2, 5], [1, 2, 2, 2, 4])),
    Refusal(
      .maxPool(pooling(WindowAxis(dilation: 2))), [batch],
      .invalidWindow(operation: "max_pool", WindowAxis(dilation: 2))),
    Refusal(
      .maxPool(pooling(WindowAxis(before: 2))), [batch],
      .invalidWindow(operation: "max_pool", WindowAxis(before: 2))),
    Refusal(
      .maxPool(pooling(WindowAxis(), kernel: 0)), [batch], .invalidWindow(operation: "max_pool", WindowAxis())
    ),
    Refusal(.maxPool(pooling(WindowAxis(), kernel: 5)), [batch], .kernelExceedsInput(kernel: 5, input: 4)),
    Refusal(
      .maxPoolGradient(pooling(WindowAxis(stride: 2))), [batch, batch],
      .shapeMismatch(operation: "max_pool_gradient", [1, 2, 4, 4, 3], [1, 4, 4, 4, 3])),
  ])
  func windows(_ refusal: Refusal) { check(refusal) }

  @Test(arguments: [
    Refusal(
      .biasAdd, [batch, f32([4])], .channelMismatch(operation: "bias_add", input: 4, expected: 3)),
    Refusal(
      .biasAdd, [batch, f32([1, 3])], .wrongRank(operation: "bias_add", expected: 1, found: [1, 3])),
    Refusal(.biasAdd, [bf16([2, 3]), f32([3])], .dtypeMismatch(operation: "bias_add", .bf16, .f32)),
    Refusal(
      .biasAdd, [f32(.scalar), f32([3])], .wrongRank(operation: "bias_add", expected: 1, found: .scalar)),
    Refusal(
      .batchNormTraining(epsilon: 1), [bf16([2, 3]), bf16([3]), f32([3])],
      .dtypeMismatch(operation: "batch_norm_training", .f32, .bf16)),
    Refusal(
      .batchNormInference(epsilon: 1), [batch, f32([3]), f32([3]), f32([3]), f32([2])],
      .channelMismatch(operation: "batch_norm_inference", input: 2, expected: 3)),
    Refusal(
      .batchNormGradient(epsilon: 1), [batch, f32([3]), f32([3]), f32([3]), f32([2, 3])],
      .shapeMismatch(operation: "batch_norm_gradient", [1, 4, 4, 4, 3], [2, 3])),
    Refusal(
      .preluGradient, [batch, f32([3]), f32([3])],
      .shapeMismatch(operation: "prelu_gradient", [1, 4, 4, 4, 3], [3])),
    Refusal(
      .softmaxGradient, [f32([2, 3]), f32([3, 2])],
      .shapeMismatch(operation: "softmax_gradient", [2, 3], [3, 2])),
    Refusal(.softmax, [f32(.scalar)], .wrongRank(operation: "softmax", expected: 1, found: .scalar)),
    Refusal(
      .softmaxGradient, [f32(.scalar), f32(.scalar)],
      .wrongRank(operation: "softmax_gradient", expected: 1, found: .scalar)),
    Refusal(
      .relu, [i32([2])], .wrongDType(operation: "relu", expected: "a floating-point dtype", found: .i32)),
    Refusal(
      .unary(.exp), [bool([2])],
      .wrongDType(operation: "exp", expected: "a floating-point dtype", found: .bool)),
    Refusal(.binary(.add), [f32([2, 3]), f32([3])], .shapeMismatch(operation: "add", [2, 3], [3])),
    Refusal(.binary(.add), [f32([2]), bf16(.scalar)], .dtypeMismatch(operation: "add", .f32, .bf16)),
    Refusal(
      .binary(.add), [bool([2]), bool([2])], .wrongDType(operation: "add", expected: "numbers", found: .bool)),
    Refusal(.compare(.less), [f32([2]), f32([1])], .shapeMismatch(operation: "less", [2], [1])),
    Refusal(
      .select, [f32([2]), f32([2]), f32([2])],
      .wrongDType(operation: "select", expected: "a bool predicate", found: .f32)),
    Refusal(.select, [bool([3]), f32([2]), f32([2])], .shapeMismatch(operation: "select", [3], [2])),
    Refusal(.allReduceMean, [], .wrongOperandCount(operation: "all_reduce_mean", expected: 1, found: 0)),
    Refusal(
      .allReduceMean, [f32([2]), bf16([2])], .dtypeMismatch(operation: "all_reduce_mean", .f32, .bf16)),
    Refusal(
      .allReduceMean, [bool([2])],
      .wrongDType(operation: "all_reduce_mean", expected: "a floating-point dtype", found: .bool)),
    Refusal(
      .optimizerUpdate(.sgd(momentum: 0, nesterov: false)), [f32([2]), f32([3]), f32(.scalar), f32(.scalar)],
      .shapeMismatch(operation: "optimizer_update", [2], [3])),
    Refusal(
      .optimizerUpdate(.sgd(momentum: 0, nesterov: false)), [f32([2]), f32([2]), f32([1]), f32(.scalar)],
      .wrongRank(operation: "optimizer_update", expected: 0, found: [1])),
    Refusal(
      .optimizerUpdate(.sgd(momentum: 0, nesterov: false)),
      [bf16([2]), bf16([2]), f32(.scalar), f32(.scalar)],
      .wrongDType(operation: "optimizer_update", expected: "f32", found: .bf16)),
    Refusal(
      .optimizerUpdate(.adam(beta1: 0, beta2: 0, epsilon: 0)),
      [f32([2]), f32([2]), f32(.scalar), f32(.scalar)],
      .wrongOperandCount(operation: "optimizer_update", expected: 6, found: 4)),
  ])
  func channelsAndElements(_ refusal: Refusal) { check(refusal) }

  @Test(arguments: [
    Refusal(.concatenate(axis: 0), [], .wrongOperandCount(operation: "concatenate", expected: 1, found: 0)),
    Refusal(
      .concatenate(axis: 2), [f32([2, 3])], .axisOutOfRange(operation: "concatenate", axis: 2, rank: 2)),
    Refusal(
      .concatenate(axis: 0), [f32([2, 3]), f32([2, 4])],
      .shapeMismatch(operation: "concatenate", [2, 3], [2, 4])),
    Refusal(
      .concatenate(axis: 0), [f32([2, 3]), f32([2])], .shapeMismatch(operation: "concatenate", [2, 3], [2])),
    Refusal(
      .concatenate(axis: 0), [f32([2]), i32([2])], .dtypeMismatch(operation: "concatenate", .f32, .i32)),
    Refusal(
      .slice(start: [0], limit: [4]), [f32([3])], .invalidBounds(operation: "slice", [3], [0], [4])),
    Refusal(
      .slice(start: [2], limit: [1]), [f32([3])], .invalidBounds(operation: "slice", [3], [2], [1])),
    Refusal(
      .slice(start: [0], limit: [1]), [f32([3, 3])], .invalidBounds(operation: "slice", [3, 3], [0], [1])),
    Refusal(.pad(before: [-1], after: [0]), [f32([3])], .invalidBounds(operation: "pad", [3], [-1], [0])),
    Refusal(
      .pad(before: [0, 0], after: [0]), [f32([3])], .invalidBounds(operation: "pad", [3], [0, 0], [0])),
    Refusal(.reshape([4]), [f32([2, 3])], .elementCountMismatch(operation: "reshape", [2, 3], [4])),
    Refusal(.transpose([0, 0]), [f32([2, 3])], .notAPermutation(operation: "transpose", [0, 0])),
    Refusal(.transpose([0]), [f32([2, 3])], .notAPermutation(operation: "transpose", [0])),
    Refusal(.broadcast([3], axes: [0]), [f32([2])], .shapeMismatch(operation: "broadcast", [2], [3])),
    Refusal(.broadcast([3, 2], axes: []), [f32([2])], .shapeMismatch(operation: "broadcast", [2], [3, 2])),
    Refusal(.broadcast([2], axes: [1]), [f32([2])], .shapeMismatch(operation: "broadcast", [2], [2])),
    Refusal(
      .broadcast([2, 2], axes: [0, 0]), [f32([2, 2])],
      .shapeMismatch(operation: "broadcast", [2, 2], [2, 2])),
    Refusal(
      .reduceSum(axes: [2]), [f32([2, 3])], .axisOutOfRange(operation: "reduce_sum", axis: 2, rank: 2)),
    Refusal(.reduceSum(axes: [1, 1]), [f32([2, 3])], .notAPermutation(operation: "reduce_sum", [1, 1])),
    Refusal(
      .reduceSum(axes: [0]), [i32([2])],
      .wrongDType(operation: "reduce_sum", expected: "a floating-point dtype", found: .i32)),
    Refusal(
      .oneHot(depth: 3, .f32), [f32([2])], .wrongDType(operation: "one_hot", expected: "i32", found: .f32)),
    Refusal(.argmax(axis: -1), [f32([2])], .axisOutOfRange(operation: "argmax", axis: -1, rank: 1)),
  ])
  func shapes(_ refusal: Refusal) { check(refusal) }

  private func check(_ refusal: Refusal, _ location: SourceLocation = #_sourceLocation) {
    #expect(throws: refusal.error, sourceLocation: location) {
      _ = try refusal.operation.resultTypes(refusal.operands)
    }
  }
}
