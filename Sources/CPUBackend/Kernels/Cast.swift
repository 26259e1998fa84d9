import Glibc
import TensorGraph

func scalarExponential(_ x: Float) -> Float { expf(x) }
func scalarLogarithm(_ x: Float) -> Float { logf(x) }

/// Returns the work that converts row-major elements of one dtype to another: floats round to nearest even and
/// go to integers towards zero, saturating, and NaN to 0; what is not zero is true.
///
/// Ours and not oneDNN's reorder, which takes half precision on some CPUs only and flushes subnormals to zero.
func castKernel(
  _ from: DType, _ to: DType, _ count: Int, _ source: UnsafeMutableRawPointer,
  _ target: UnsafeMutableRawPointer
) -> () -> Void {
  if from == to { return { target.copyMemory(from: source, byteCount: count * from.byteCount) } }
  switch from {
  case .f32: return castKernel(from: Float.self, to, count, source, target)
  case .bf16: return castKernel(from: BrainFloat.self, to, count, source, target)
  case .f16: return castKernel(from: Float16.self, to, count, source, target)
  case .i32: return castKernel(from: Int32.self, to, count, source, target)
  case .bool: return castKernel(from: TruthValue.self, to, count, source, target)
  }
}

private func castKernel<Source: StoredElement>(
  from: Source.Type, _ to: DType, _ count: Int, _ source: UnsafeMutableRawPointer,
  _ target: UnsafeMutableRawPointer
) -> () -> Void {
  let x = UnsafePointer(source.assumingMemoryBound(to: Source.self))
  func work<Target: StoredElement>(_: Target.Type) -> () -> Void {
    let out = target.assumingMemoryBound(to: Target.self)
    return { mapElements(count, x, into: out) { Target(rounding: $0.number) } }
  }
  switch to {
  case .f32: return work(Float.self)
  case .bf16: return work(BrainFloat.self)
  case .f16: return work(Float16.self)
  case .i32: return work(Int32.self)
  case .bool: return work(TruthValue.self)
  }
}

/// An element as a dtype has it in memory.
private protocol StoredElement {
  init(rounding number: Float)
  var number: Float { get }
}

extension Float: StoredElement {
  fileprivate init(rounding number: Float) { self = number }
  fileprivate var number: Float { self }
}

extension Float16: StoredElement {
  fileprivate init(rounding number: Float) { self.init(number) }
  fileprivate var number: Float { Float(self) }
}

extension Int32: StoredElement {
  fileprivate init(rounding number: Float) {
    if number.isNaN {
      self = 0
    } else {
      self = number <= -2_147_483_648 ? .min : number >= 2_147_483_648 ? .max : Int32(number)
    }
  }

  fileprivate var number: Float { Float(self) }
}

/// bfloat16: the upper half of a single.
private struct BrainFloat: StoredElement {
  var bits: UInt16

  init(rounding number: Float) {
    let bits = number.bitPattern
    // Just under half a unit, and the last bit itself, so that a tie goes to even.
    let rounded = bits &+ 0x7FFF &+ (bits >> 16 & 1)
    // The carry would turn some NaN into zero.
    self.bits = UInt16(truncatingIfNeeded: (number.isNaN ? bits | 0x40_0000 : rounded) >> 16)
  }

  var number: Float { Float(bitPattern: UInt32(bits) << 16) }
}

private struct TruthValue: StoredElement {
  var byte: UInt8

  init(rounding number: Float) { byte = number != 0 ? 1 : 0 }
  var number: Float { Float(byte) }
}
