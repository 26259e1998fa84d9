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
