import TensorGraph

/// y = x + one number a channel, where `block` channels lie side by side: rows of all channels, or of blocks.
struct BiasKernel {
  let rows: Int
  let block: Int
  /// Neighbouring rows of the same block; 0 where there is one block only.
  let rowsPerBlock: Int
  let blocks: Int

  /// - Parameter bias: zeros behind the last channel.
  func run(
    _ dtype: DType, _ x: UnsafeMutableRawPointer, _ bias: UnsafePointer<Float>,
    into y: UnsafeMutableRawPointer
  ) {
    switch dtype {
    case .f32: run(Float.self, x, bias, y)
    case .bf16: run(BrainFloat.self, x, bias, y)
    case .f16: run(Float16.self, x, bias, y)
    case .i32, .bool: preconditionFailure("bias_add takes floating-point dtypes only")
    }
  }

  private func run<Element: StoredElement>(
    _: Element.Type, _ x: UnsafeMutableRawPointer, _ bias: UnsafePointer<Float>, _ y: UnsafeMutableRawPointer
  ) {
    let source = UnsafePointer(x.assumingMemoryBound(to: Element.self))
    let target = y.assumingMemoryBound(to: Element.self)
    Parallel.forRanges(rows, grain: max(1, elementwiseGrain / max(1, block))) { range in
      for row in range {
        let offset = bias + (rowsPerBlock == 0 ? 0 : row / rowsPerBlock % blocks * block)
        let first = row * block
        for c in 0..<block { target[first + c] = Element(rounding: source[first + c].number + offset[c]) }
      }
    }
  }
}
