import TensorGraph

/// ReLU and its gradient, element by element, on float32, bfloat16 or float16.
enum RectifierKernel {
  /// y = x where x is positive or no number, else 0.
  static func rectify(
    _ dtype: DType, _ count: Int, _ x: UnsafeMutableRawPointer, into y: UnsafeMutableRawPointer
  ) {
    switch dtype {
    case .f32: map(Float.self, count, x, x, into: y) { x, _ in x <= 0 ? 0 : x }
    case .bf16, .f16:
      let infinity = infinityBits(dtype)
      // Negative numbers have the sign and no more than infinity's bits below it.
      map(UInt16.self, count, x, x, into: y) { x, _ in x &- sign <= infinity ? 0 : x }
    case .i32, .bool: preconditionFailure("relu takes floating-point dtypes only")
    }
  }

  /// dx = dy where y is positive, else 0.
  static func gradient(
    _ dtype: DType, _ count: Int, _ y: UnsafeMutableRawPointer, _ dy: UnsafeMutableRawPointer,
    into dx: UnsafeMutableRawPointer
  ) {
    switch dtype {
    case .f32: map(Float.self, count, y, dy, into: dx) { y, dy in y > 0 ? dy : 0 }
    case .bf16, .f16:
      let infinity = infinityBits(dtype)
      // Zero becomes the greatest of all.
      map(UInt16.self, count, y, dy, into: dx) { y, dy in y &- 1 < infinity ? dy : 0 }
    case .i32, .bool: preconditionFailure("relu takes floating-point dtypes only")
    }
  }

  /// The sign of a number of 16 bits.
  private static let sign: UInt16 = 0x8000

  private static func infinityBits(_ dtype: DType) -> UInt16 { dtype == .bf16 ? 0x7f80 : 0x7c00 }

  /// out[i] = function(x[i], y[i])
  @inline(__always)
  private static func map<Element>(
    _: Element.Type, _ count: Int, _ x: UnsafeMutableRawPointer, _ y: UnsafeMutableRawPointer,
    into out: UnsafeMutableRawPointer, _ function: (Element, Element) -> Element
  ) {
    mapElements(
      count, ElementwiseOperand<Element>(x, isScalar: false), ElementwiseOperand<Element>(y, isScalar: false),
      into: out.assumingMemoryBound(to: Element.self), function)
  }
}
