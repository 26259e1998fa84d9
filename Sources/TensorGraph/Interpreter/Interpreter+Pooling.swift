extension Interpreter {
  /// The largest voxel under each window. NaN wins over every number.
  static func maxPool(_ x: Tensor, _ window: PoolingWindow, _ type: TensorType) -> Tensor {
    var y = [Float](repeating: 0, count: type.shape.elementCount)
    forEachWinner(x, type.shape, window) { input, output in y[output] = x.elements[input] }
    return Tensor(type, y)
  }

  /// dx = the sum of the dy of the windows in which the voxel is the first largest.
  static func maxPoolGradient(_ x: Tensor, _ dy: Tensor, _ window: PoolingWindow) -> Tensor {
    var dx = [Double](repeating: 0, count: x.elements.count)
    forEachWinner(x, dy.shape, window) { input, output in dx[input] += Double(dy.elements[output]) }
    return Tensor(x.type, rounding: dx)
  }

  /// Calls `body` with the offset of the first largest voxel under each window and that of the window's result.
  private static func forEachWinner(
    _ x: Tensor, _ output: Shape, _ window: PoolingWindow, _ body: (_ input: Int, _ output: Int) -> Void
  ) {
    let strides = x.shape.rowMajorStrides
    var result = 0
    for n in 0..<output[0] {
      for d in 0..<output[1] {
        for h in 0..<output[2] {
          for w in 0..<output[3] {
            let ranges = zip([d, h, w], 0..<3).map { voxels(under: $0, x.shape, window, axis: $1) }
            for c in 0..<output[4] {
              body(winner(x, n * strides[0] + c, ranges, strides), result)
              result += 1
            }
          }
        }
      }
    }
  }

  /// The voxels of the input that one position of the window covers along one spatial axis.
  private static func voxels(
    under position: Int, _ input: Shape, _ window: PoolingWindow, axis: Int
  ) -> Range<Int> {
    let first = position * window.axes[axis].stride - window.axes[axis].before
    return max(0, first)..<min(input[axis + 1], first + window.kernel[axis])
  }

  private static func winner(_ x: Tensor, _ base: Int, _ ranges: [Range<Int>], _ strides: [Int]) -> Int {
    var winner: Int?
    for d in ranges[0] {
      for h in ranges[1] {
        for w in ranges[2] {
          let offset = base + d * strides[1] + h * strides[2] + w * strides[3]
          if let winner, !isLarger(x.elements[offset], than: x.elements[winner]) { continue }
          winner = offset
        }
      }
    }
    return winner!
  }
}
