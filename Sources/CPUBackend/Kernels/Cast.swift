import Glibc
import TensorGraph

func scalarExponential(_ x: Float) -> Float { expf(x) }
func scalarLogarithm(_ x: Float) -> Float { logf(x) }

/// Returns the work that converts elements between float32, integers and truth values: floats go to integers
/// towards zero, saturating, and NaN to 0; what is not zero is true.
func castKernel(
  _ from: DType, _ to: DType, _ count: Int, _ source: UnsafeMutableRawPointer,
  _ target: UnsafeMutableRawPointer
) -> () -> Void {
  let floats = UnsafePointer(source.assumingMemoryBound(to: Float.self))
  let integers = UnsafePointer(source.assumingMemoryBound(to: Int32.self))
  let bytes = UnsafePointer(source.assumingMemoryBound(to: UInt8.self))
  let outFloats = target.assumingMemoryBound(to: Float.self)
  let outIntegers = target.assumingMemoryBound(to: Int32.self)
  let outBytes = target.assumingMemoryBound(to: UInt8.self)
  switch (from, to) {
  case (.i32, .i32): return { mapElements(count, integers, into: outIntegers) { $0 } }
  case (.i32, .bool): return { mapElements(count, integers, into: outBytes) { $0 != 0 ? 1 : 0 } }
  case (.i32, _): return { mapElements(count, integers, into: outFloats) { Float($0) } }
  case (.bool, .bool): return { mapElements(count, bytes, into: outBytes) { $0 } }
  case (.bool, .i32): return { mapElements(count, bytes, into: outIntegers) { Int32($0) } }
  case (.bool, _): return { mapElements(count, bytes, into: outFloats) { Float($0) } }
  case (_, .i32): return { mapElements(count, floats, into: outIntegers) { Int32(saturating: $0) } }
  case (_, .bool): return { mapElements(count, floats, into: outBytes) { $0 != 0 ? 1 : 0 } }
  case (_, _): return { mapElements(count, floats, into: outFloats) { $0 } }
  }
}

extension Int32 {
  fileprivate init(saturating x: Float) {
    if x.isNaN {
      self = 0
    } else {
      self = x <= -2_147_483_648 ? .min : x >= 2_147_483_648 ? .max : Int32(x)
    }
  }
}
