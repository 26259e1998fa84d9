// A convolution is a sum over triples of voxels: one of the output, one of the kernel and the one of the input
// that they meet at. Its two gradients sum over the same triples, so all three share one walk.
extension Interpreter {
  /// y[n, o, co] = sum over taps k and channels ci of x[n, i, ci] * w[k, ci, co], i = o * stride + k * dilation -
  /// before. Operands x `[N, D, H, W, I]`, weights `[KD, KH, KW, I, O]`; result `[N, D', H', W', O]`.
  static func convolution(
    _ x: Tensor, _ weights: Tensor, _ window: ConvolutionWindow, _ type: TensorType
  ) -> Tensor {
    let (inputs, outputs) = (weights.shape[3], weights.shape[4])
    var y = [Double](repeating: 0, count: type.shape.elementCount)
    forEachTap(input: x.shape, filter: weights.shape, output: type.shape, window) { input, tap, output in
      for i in 0..<inputs {
        let xi = Double(x.elements[input + i])
        for o in 0..<outputs { y[output + o] += xi * Double(weights.elements[tap + i * outputs + o]) }
      }
    }
    return Tensor(type, rounding: y)
  }

  /// dx[n, i, ci] = sum of dy[n, o, co] * w[k, ci, co] over the o, k that meet i, and over co.
  static func convolutionInputGradient(
    _ dy: Tensor, _ weights: Tensor, _ window: ConvolutionWindow, _ type: TensorType
  ) -> Tensor {
    let (inputs, outputs) = (weights.shape[3], weights.shape[4])
    var dx = [Double](repeating: 0, count: type.shape.elementCount)
    forEachTap(input: type.shape, filter: weights.shape, output: dy.shape, window) { input, tap, output in
      for i in 0..<inputs {
        var sum = 0.0
        for o in 0..<outputs {
          sum += Double(dy.elements[output + o]) * Double(weights.elements[tap + i * outputs + o])
        }
        dx[input + i] += sum
      }
    }
    return Tensor(type, rounding: dx)
  }

  /// dw[k, ci, co] = sum of x[n, i, ci] * dy[n, o, co] over n and the i, o that meet at k.
  static func convolutionFilterGradient(
    _ x: Tensor, _ dy: Tensor, _ window: ConvolutionWindow, _ type: TensorType
  ) -> Tensor {
    let (inputs, outputs) = (type.shape[3], type.shape[4])
    var dw = [Double](repeating: 0, count: type.shape.elementCount)
    forEachTap(input: x.shape, filter: type.shape, output: dy.shape, window) { input, tap, output in
      for i in 0..<inputs {
        let xi = Double(x.elements[input + i])
        for o in 0..<outputs { dw[tap + i * outputs + o] += xi * Double(dy.elements[output + o]) }
      }
    }
    return Tensor(type, rounding: dw)
  }

  /// Where a voxel of the output, a tap of the kernel and a voxel of the input meet, along one axis.
  private struct Meeting {
    var input: Int
    var tap: Int
    var output: Int
  }

  /// The meetings inside the input; those in the padding add nothing.
  private static func meetings(input: Int, kernel: Int, output: Int, _ axis: WindowAxis) -> [Meeting] {
    var meetings: [Meeting] = []
    for o in 0..<output {
      for k in 0..<kernel {
        let i = o * axis.stride + k * axis.dilation - axis.before
        if (0..<input).contains(i) { meetings.append(Meeting(input: i, tap: k, output: o)) }
      }
    }
    return meetings
  }

  /// Calls `body` with the offset of the first channel of each voxel of the input, of the tap that meets it,
  /// and of the voxel of the output where they add up.
  private static func forEachTap(
    input: Shape, filter: Shape, output: Shape, _ window: ConvolutionWindow,
    _ body: (_ input: Int, _ tap: Int, _ output: Int) -> Void
  ) {
    let axes = (0..<3).map {
      meetings(input: input[$0 + 1], kernel: filter[$0], output: output[$0 + 1], window.axes[$0])
    }
    let (i, k, o) = (input.rowMajorStrides, filter.rowMajorStrides, output.rowMajorStrides)
    for n in 0..<input[0] {
      for d in axes[0] {
        for h in axes[1] {
          for w in axes[2] {
            body(
              n * i[0] + d.input * i[1] + h.input * i[2] + w.input * i[3],
              d.tap * k[0] + h.tap * k[1] + w.tap * k[2],
              n * o[0] + d.output * o[1] + h.output * o[2] + w.output * o[3])
          }
        }
      }
    }
  }
}
