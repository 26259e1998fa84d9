import TensorGraph

/// Elements per range of a parallel elementwise loop: less is not worth a thread's start.
let elementwiseGrain = 16_384

/// An operand of an elementwise kernel: a whole tensor, or one element that stands for a tensor.
struct ElementwiseOperand<Element> {
  let pointer: UnsafePointer<Element>
  let isScalar: Bool

  init(_ address: UnsafeMutableRawPointer, isScalar: Bool) {
    pointer = UnsafePointer(address.assumingMemoryBound(to: Element.self))
    self.isScalar = isScalar
  }
}

/// out[i] = function(x[i])
@inline(__always)
func mapElements<X, Result>(
  _ count: Int, _ x: UnsafePointer<X>, into out: UnsafeMutablePointer<Result>,
  _ function: (X) -> Result
) {
  Parallel.forRanges(count, grain: elementwiseGrain) { range in
    for i in range { out[i] = function(x[i]) }
  }
}

/// out[i] = function(x[i], y[i])
@inline(__always)
func mapElements<X, Result>(
  _ count: Int, _ x: ElementwiseOperand<X>, _ y: ElementwiseOperand<X>,
  into out: UnsafeMutablePointer<Result>, _ function: (X, X) -> Result
) {
  Parallel.forRanges(count, grain: elementwiseGrain) { range in
    switch (x.isScalar, y.isScalar) {
    case (false, false): for i in range { out[i] = function(x.pointer[i], y.pointer[i]) }
    case (false, true):
      let scalar = y.pointer[0]
      for i in range { out[i] = function(x.pointer[i], scalar) }
    case (true, false):
      let scalar = x.pointer[0]
      for i in range { out[i] = function(scalar, y.pointer[i]) }
    case (true, true):
      let value = function(x.pointer[0], y.pointer[0])
      for i in range { out[i] = value }
    }
  }
}

/// out[i] = function(x[i], y[i]), sixteen at a time.
@inline(__always)
func mapVectors<Element: SIMDScalar>(
  _ count: Int, _ x: ElementwiseOperand<Element>, _ y: ElementwiseOperand<Element>,
  into out: UnsafeMutablePointer<Element>,
  _ function: (SIMD16<Element>, SIMD16<Element>) -> SIMD16<Element>
) {
  typealias Vector = SIMD16<Element>
  Parallel.forRanges(count, grain: elementwiseGrain) { range in
    @inline(__always)
    func load(_ operand: ElementwiseOperand<Element>, _ i: Int) -> Vector {
      operand.isScalar
        ? Vector(repeating: operand.pointer[0])
        : UnsafeRawPointer(operand.pointer + i).loadUnaligned(as: Vector.self)
    }
    var i = range.lowerBound
    while i + Vector.scalarCount <= range.upperBound {
      UnsafeMutableRawPointer(out + i).storeBytes(of: function(load(x, i), load(y, i)), as: Vector.self)
      i += Vector.scalarCount
    }
    while i < range.upperBound {
      let a = Vector(repeating: x.pointer[x.isScalar ? 0 : i])
      out[i] = function(a, Vector(repeating: y.pointer[y.isScalar ? 0 : i]))[0]
      i += 1
    }
  }
}

extension BinaryFunction {
  /// Applies the function to two tensors of floats; NaN in either operand of maximum or minimum gives NaN.
  func apply(
    _ count: Int, _ x: ElementwiseOperand<Float>, _ y: ElementwiseOperand<Float>,
    into out: UnsafeMutablePointer<Float>
  ) {
    switch self {
    case .add: mapVectors(count, x, y, into: out) { $0 + $1 }
    case .subtract: mapVectors(count, x, y, into: out) { $0 - $1 }
    case .multiply: mapVectors(count, x, y, into: out) { $0 * $1 }
    case .divide: mapVectors(count, x, y, into: out) { $0 / $1 }
    case .maximum: mapElements(count, x, y, into: out) { $0 > $1 || $0.isNaN ? $0 : $1 }
    case .minimum: mapElements(count, x, y, into: out) { $0 < $1 || $0.isNaN ? $0 : $1 }
    }
  }

  /// Applies the function to two tensors of bfloat16, each result rounded.
  func apply(
    _ count: Int, _ x: ElementwiseOperand<BrainFloat>, _ y: ElementwiseOperand<BrainFloat>,
    into out: UnsafeMutablePointer<BrainFloat>
  ) {
    func map(_ function: (Float, Float) -> Float) {
      mapElements(count, x, y, into: out) { BrainFloat(rounding: function($0.number, $1.number)) }
    }
    switch self {
    case .add: map { $0 + $1 }
    case .subtract: map { $0 - $1 }
    case .multiply: map { $0 * $1 }
    case .divide: map { $0 / $1 }
    case .maximum: map { $0 > $1 || $0.isNaN ? $0 : $1 }
    case .minimum: map { $0 < $1 || $0.isNaN ? $0 : $1 }
    }
  }

  /// Applies the function to two tensors of integers; division truncates, and by zero gives zero.
  func apply(
    _ count: Int, _ x: ElementwiseOperand<Int32>, _ y: ElementwiseOperand<Int32>,
    into out: UnsafeMutablePointer<Int32>
  ) {
    switch self {
    case .add: mapElements(count, x, y, into: out) { $0 &+ $1 }
    case .subtract: mapElements(count, x, y, into: out) { $0 &- $1 }
    case .multiply: mapElements(count, x, y, into: out) { $0 &* $1 }
    case .divide:
      mapElements(count, x, y, into: out) { $1 == 0 ? 0 : $0.dividedReportingOverflow(by: $1).partialValue }
    case .maximum: mapElements(count, x, y, into: out) { max($0, $1) }
    case .minimum: mapElements(count, x, y, into: out) { min($0, $1) }
    }
  }

  /// Whether the function of two zeros is zero, so that the padding of a blocked layout stays zero.
  var keepsZeros: Bool {
    switch self {
    case .add, .subtract, .multiply, .maximum, .minimum: true
    case .divide: false
    }
  }
}

extension UnaryFunction {
  /// Applies the function to floats; a predicate gives 1 or 0.
  func apply(_ count: Int, _ x: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>) {
    switch self {
    case .negate: mapElements(count, x, into: out) { -$0 }
    case .abs: mapElements(count, x, into: out) { Swift.abs($0) }
    case .sqrt: mapElements(count, x, into: out) { $0.squareRoot() }
    case .exp: mapElements(count, x, into: out) { scalarExponential($0) }
    case .log: mapElements(count, x, into: out) { scalarLogarithm($0) }
    case .logistic: mapElements(count, x, into: out) { 1 / (1 + scalarExponential(-$0)) }
    case .isFinite: mapElements(count, x, into: out) { $0.isFinite ? 1 : 0 }
    }
  }
}

extension Comparison {
  /// Compares two tensors; what holds gives 1, what does not 0.
  func apply<Element: Comparable, Truth: ExpressibleByIntegerLiteral>(
    _ count: Int, _ x: ElementwiseOperand<Element>, _ y: ElementwiseOperand<Element>,
    into out: UnsafeMutablePointer<Truth>
  ) {
    switch self {
    case .equal: mapElements(count, x, y, into: out) { $0 == $1 ? 1 : 0 }
    case .notEqual: mapElements(count, x, y, into: out) { $0 != $1 ? 1 : 0 }
    case .less: mapElements(count, x, y, into: out) { $0 < $1 ? 1 : 0 }
    case .lessOrEqual: mapElements(count, x, y, into: out) { $0 <= $1 ? 1 : 0 }
    case .greater: mapElements(count, x, y, into: out) { $0 > $1 ? 1 : 0 }
    case .greaterOrEqual: mapElements(count, x, y, into: out) { $0 >= $1 ? 1 : 0 }
    }
  }
}

/// out[i] = predicate[i] ? x[i] : y[i], where 0 is false.
func selectElements<Truth: Equatable & ExpressibleByIntegerLiteral, Element>(
  _ count: Int, _ predicate: ElementwiseOperand<Truth>, _ x: ElementwiseOperand<Element>,
  _ y: ElementwiseOperand<Element>, into out: UnsafeMutablePointer<Element>
) {
  let (p, a, b) = (predicate.pointer, x.pointer, y.pointer)
  if predicate.isScalar {
    let chosen = p[0] != 0 ? x : y
    return mapElements(count, chosen, chosen, into: out) { element, _ in element }
  }
  Parallel.forRanges(count, grain: elementwiseGrain) { range in
    switch (x.isScalar, y.isScalar) {
    case (false, false):
      for i in range {
        let (first, second) = (a[i], b[i])
        out[i] = p[i] != 0 ? first : second
      }
    case (false, true):
      let second = b[0]
      for i in range {
        let first = a[i]
        out[i] = p[i] != 0 ? first : second
      }
    case (true, false):
      let first = a[0]
      for i in range {
        let second = b[i]
        out[i] = p[i] != 0 ? first : second
      }
    case (true, true):
      let (first, second) = (a[0], b[0])
      for i in range { out[i] = p[i] != 0 ? first : second }
    }
  }
}
