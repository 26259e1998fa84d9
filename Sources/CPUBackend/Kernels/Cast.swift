import Glibc
import TensorGraph

func scalarExponential(_ x: Float) -> Float { expf(x) }
func scalarLogarithm(_ x: Float) -> Float { logf(x) }

/// Converts row-major elements of one dtype to another: floats round to nearest even and go to integers towards zero,
/// saturating, and NaN to 0; what is not zero is true.
func castElements(
  _ from: DType, _ to: DType, _ count: Int, _ source: UnsafeMutableRawPointer,
  _ target: UnsafeMutableRawPointer
) {
  if from == to { return target.copyMemory(from: source, byteCount: count * from.byteCount) }
  switch from {
  case .f32: castElements(from: Float.self, to, count, source, target)
  case .bf16: castElements(from: BrainFloat.self, to, count, source, target)
  case .f16: castElements(from: Float16.self, to, count, source, target)
  case .i32: castElements(from: Int32.self, to, count, source, target)
  case .bool: castElements(from: TruthValue.self, to, count, source, target)
  }
}

private func castElements<Source: StoredElement>(
  from: Source.Type, _ to: DType, _ count: Int, _ source: UnsafeMutableRawPointer,
  _ target: UnsafeMutableRawPointer
) {
  let x = UnsafePointer(source.assumingMemoryBound(to: Source.self))
  func cast<Target: StoredElement>(_: Target.Type) {
    mapElements(count, x, into: target.assumingMemoryBound(to: Target.self)) { Target(rounding: $0.number) }
  }
  switch to {
  case .f32: cast(Float.self)
  case .bf16: cast(BrainFloat.self)
  case .f16: cast(Float16.self)
  case .i32: cast(Int32.self)
  case .bool: cast(TruthValue.self)
  }
}
