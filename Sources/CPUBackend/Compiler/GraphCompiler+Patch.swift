import CPUKernels
import TensorGraph

extension GraphCompiler {
  /// y = x * w + bias, or dx = the transposed convolution of dy plus bias, of 2x2x2 taps with stride 2.
  func compilePatch(
    _ problem: ConvolutionProblem, _ kernel: UnsafePointer<PatchKernel>, _ name: String, source: Value,
    weights: Value, bias: Value?, result: Value
  ) throws {
    let work = PatchConvolutionWork(problem, kernel, threadCount: threadCount)
    let x = try located(source, as: try MemoryDescriptor(blocked: type(of: source)))
    let master = fusions.uncast(weights)
    let w = try located(master, as: try MemoryDescriptor(blockedWeights: type(of: master)))
    let b = try bias.map { try paddedBias($0) }
    let y = define(result, as: try MemoryDescriptor(blocked: type(of: result)))
    let packed = makeBuffer(4 * work.weightCount)
    append("convolution weights", "patch", reads: [w], writes: [packed]) { addresses in
      let source = UnsafePointer(addresses.floats(w))
      let target = addresses.floats(packed)
      return { work.pack(source, target) }
    }
    let scratch = makeBuffer(4 * work.scratchCount)
    append(
      name, "patch, blocked 16c", reads: [x, packed] + (b.map { [$0] } ?? []), writes: [y], scratch: scratch
    ) { addresses in
      let (source, target) = (UnsafeRawPointer(addresses(x)), addresses(y))
      let filter = UnsafePointer(addresses.floats(packed))
      let offset = b.map { UnsafePointer(addresses.floats($0)) }
      let rows = addresses.floats(scratch)
      return { work.convolve(source, filter, bias: offset, target, scratch: rows) }
    }
  }

  /// dw of x and dy.
  func compilePatchFilterGradient(
    _ problem: ConvolutionProblem, _ kernel: UnsafePointer<PatchKernel>, _ name: String, x: Value, dy: Value,
    dw: Value
  ) throws {
    let work = PatchConvolutionWork(problem, kernel, threadCount: threadCount)
    let fine = try located(x, as: try MemoryDescriptor(blocked: type(of: x)))
    let coarse = try located(dy, as: try MemoryDescriptor(blocked: type(of: dy)))
    let target = define(dw, as: try MemoryDescriptor(blockedWeights: type(of: dw)))
    let scratch = makeBuffer(4 * work.correlationScratchCount)
    append(
      name, "patch, blocked 16c", reads: [fine, coarse], writes: [target], scratch: scratch
    ) { addresses in
      let (x, dy) = (UnsafeRawPointer(addresses(fine)), UnsafeRawPointer(addresses(coarse)))
      let dw = addresses.floats(target)
      let rows = addresses.floats(scratch)
      return { work.correlate(x, dy, dw, scratch: rows) }
    }
  }
}
