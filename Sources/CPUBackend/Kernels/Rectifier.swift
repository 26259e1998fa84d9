import TensorGraph

/// ReLU and its gradient, element by element, on float32, bfloat16 or float16.
enum RectifierKernel {
  /// y = x where x is positive or no number, else 0.
  static func rectify(
    _ dtype: DType, _ count: Int, _ x: UnsafeMutableRawPointer, into y: UnsafeMutableRawPointer
  ) {
    func run<Element: StoredElement>(_: Element.Type) {
      let source = UnsafePointer(x.assumingMemoryBound(to: Element.self))
      mapElements(count, source, into: y.assumingMemoryBound(to: Element.self)) { element in
        let number = element.number
        return number > 0 || number.isNaN ? element : Element(rounding: 0)
      }
    }
    switch dtype {
    case .f32: run(Float.self)
    case .bf16: run(BrainFloat.self)
    case .f16: run(Float16.self)
    case .i32, .bool: preconditionFailure("relu takes floating-point dtypes only")
    }
  }

  /// dx = dy where y is positive, else 0.
  static func gradient(
    _ dtype: DType, _ count: Int, _ y: UnsafeMutableRawPointer, _ dy: UnsafeMutableRawPointer,
    into dx: UnsafeMutableRawPointer
  ) {
    func run<Element: StoredElement>(_: Element.Type) {
      mapElements(
        count, ElementwiseOperand<Element>(y, isScalar: false),
        ElementwiseOperand<Element>(dy, isScalar: false),
        into: dx.assumingMemoryBound(to: Element.self)
      ) { $0.number > 0 ? $1 : Element(rounding: 0) }
    }
    switch dtype {
    case .f32: run(Float.self)
    case .bf16: run(BrainFloat.self)
    case .f16: run(Float16.self)
    case .i32, .bool: preconditionFailure("relu takes floating-point dtypes only")
    }
  }
}
