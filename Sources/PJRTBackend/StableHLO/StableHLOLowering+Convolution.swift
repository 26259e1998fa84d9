import TensorGraph

// All three are StableHLO convolutions in channels-last order. The forms of the gradients are those that XLA's GPU
// compiler knows as cuDNN's backward convolutions.
extension StableHLOLowering {
  /// TF32 rounds the operands of a float32 convolution to 10 fraction bits; half precision has no more anyway.
  private var precision: String { allowsTF32 ? "DEFAULT" : "HIGHEST" }

  mutating func convolution(
    _ x: HLOValue, _ weights: HLOValue, _ window: ConvolutionWindow, _ type: TensorType
  ) -> HLOValue {
    let convolution = HLOConvolution(
      stride: window.axes.map(\.stride),
      padding: window.axes.map { HLOPadding(before: $0.before, after: $0.after) },
      kernelDilation: window.axes.map(\.dilation),
      axes: "[b, 0, 1, 2, f]x[0, 1, 2, i, o]->[b, 0, 1, 2, f]")
    return writer.convolution(x, weights, convolution, precision: precision, type)
  }

  /// dy with `stride - 1` zeros between its voxels, convolved with the mirrored kernel whose channels are exchanged.
  mutating func convolutionInputGradient(
    _ dy: HLOValue, _ weights: HLOValue, _ window: ConvolutionWindow, _ type: TensorType
  ) -> HLOValue {
    let padding = window.axes.enumerated().map { index, axis in
      let reach = axis.dilation * (weights.shape[index] - 1)
      let spread = (dy.shape[index + 1] - 1) * axis.stride + 1
      let before = reach - axis.before
      // What makes the result as long as the input was.
      return HLOPadding(before: before, after: type.shape[index + 1] + reach - spread - before)
    }
    let convolution = HLOConvolution(
      padding: padding, inputDilation: window.axes.map(\.stride),
      kernelDilation: window.axes.map(\.dilation),
      axes: "[b, 0, 1, 2, f]x[0, 1, 2, o, i]->[b, 0, 1, 2, f]")
    let mirrored = writer.reverse(weights, axes: [0, 1, 2])
    return writer.convolution(dy, mirrored, convolution, precision: precision, type)
  }

  /// x convolved with dy as the kernel: samples are summed over as channels are elsewhere.
  mutating func convolutionFilterGradient(
    _ x: HLOValue, _ dy: HLOValue, _ window: ConvolutionWindow, _ type: TensorType
  ) -> HLOValue {
    let padding = window.axes.enumerated().map { index, axis in
      let reach = axis.dilation * (type.shape[index] - 1)
      let spread = (dy.shape[index + 1] - 1) * axis.stride + 1
      // What makes the result as long as the kernel; negative where a stride left voxels over.
      return HLOPadding(before: axis.before, after: reach + spread - axis.before - x.shape[index + 1])
    }
    let convolution = HLOConvolution(
      stride: window.axes.map(\.dilation), padding: padding, kernelDilation: window.axes.map(\.stride),
      axes: "[f, 0, 1, 2, b]x[i, 0, 1, 2, o]->[0, 1, 2, b, f]")
    return writer.convolution(x, dy, convolution, precision: precision, type)
  }
}
