import CPUKernels
import TensorGraph

// Convolutions by their kernels.
extension GraphCompiler {
  // MARK: Blocks to blocks

  func compileWinograd(_ step: ConvolutionStep, _ kernel: UnsafePointer<WinogradKernel>) throws {
    let work = WinogradConvolutionWork(step.problem, kernel, threadCount: threadCount)
    let summary = kernel.pointee.summary
    let filter = try packed(step.weights, summary, count: work.transformedCount, work.transformWeights)
    try append(step, summary, filter, work.convolutionScratchCount) {
      work.convolve($0, $1, $2, $3, scratch: $4)
    }
  }

  func compileDirect(_ step: ConvolutionStep, _ kernel: UnsafePointer<DirectKernel>) throws {
    let work = DirectConvolutionWork(step.problem, kernel, threadCount: threadCount)
    let filter =
      try work.readsWeightsInPlace
      ? blockedWeights(step.weights)
      : packed(step.weights, "direct", count: work.weightCount, work.pack)
    try append(step, "direct, blocked 16c", filter, work.scratchCount) {
      work.convolve($0, $1, $2, $3, scratch: $4)
    }
  }

  /// Of 2x2x2 taps with stride 2.
  func compilePatch(_ step: ConvolutionStep, _ kernel: UnsafePointer<PatchKernel>) throws {
    let work = PatchConvolutionWork(step.problem, kernel, threadCount: threadCount)
    let filter = try packed(step.weights, "patch", count: work.weightCount, work.pack)
    try append(step, "patch, blocked 16c", filter, work.scratchCount) {
      work.convolve($0, $1, $2, $3, scratch: $4)
    }
  }

  /// What computes a convolution of its source and weights, with what follows, and writes it, with scratch.
  private typealias Convolve = (
    UnsafeRawPointer, UnsafePointer<Float>, KernelEpilogue, UnsafeMutableRawPointer,
    UnsafeMutablePointer<Float>
  ) -> Void

  private func append(
    _ step: ConvolutionStep, _ detail: String, _ filter: BufferID, _ scratchCount: Int,
    _ convolve: @escaping Convolve
  ) throws {
    let x = try blocked(step.source)
    let tail = try located(step.tail, bias: paddedBias, residual: blocked)
    let scratch = makeBuffer(4 * scratchCount)
    try withBlockedResult(step.result) { y in
      append(step.name, detail, reads: [x, filter] + tail.buffers, writes: [y], scratch: scratch) {
        addresses in
        let (source, target) = (UnsafeRawPointer(addresses(x)), addresses(y))
        let weights = UnsafePointer(addresses.floats(filter))
        let (epilogue, memory) = (tail.epilogue(at: addresses), addresses.floats(scratch))
        return { convolve(source, weights, epilogue, target, memory) }
      }
    }
  }

  // MARK: Narrow sides

  /// With few channels on one side, which lies row by row.
  func compileNarrow(_ step: ConvolutionStep, _ kernel: UnsafePointer<NarrowKernel>) throws {
    let work = NarrowConvolutionWork(step.problem, kernel, threadCount: threadCount)
    let filter = try packed(step.weights, "narrow", count: work.filterCount, work.pack)
    if work.role == .expand {
      let x = try padded(work, step.source)
      let tail = try located(step.tail, bias: paddedBias, residual: blocked)
      return try withBlockedResult(step.result) { y in
        append(step.name, "narrow", reads: [x, filter] + tail.buffers, writes: [y]) { addresses in
          let (source, target) = (UnsafePointer(addresses.floats(x)), addresses(y))
          let (weights, epilogue) = (UnsafePointer(addresses.floats(filter)), tail.epilogue(at: addresses))
          return { work.expand(source, weights, epilogue, target) }
        }
      }
    }
    let x = try blocked(step.source)
    let isHalf = type(of: step.result).dtype == .bf16
    let tail = try located(step.tail, bias: kernelOperand, residual: isHalf ? rowMajor : kernelOperand)
    func appendStep(_ y: BufferID) {
      append(step.name, "narrow", reads: [x, filter] + tail.buffers, writes: [y]) { addresses in
        let (source, target) = (addresses(x), addresses(y))
        let (weights, epilogue) = (UnsafePointer(addresses.floats(filter)), tail.epilogue(at: addresses))
        return { work.contract(source, weights, epilogue, target) }
      }
    }
    if isHalf { appendStep(define(step.result)) } else { try withKernelResult(step.result, appendStep) }
  }

  func compileNarrowFilterGradient(
    _ problem: ConvolutionProblem, _ kernel: UnsafePointer<NarrowKernel>, _ name: String, x: Value, dy: Value,
    dw: Value
  ) throws {
    let work = NarrowConvolutionWork(problem, kernel, threadCount: threadCount)
    let (narrow, wide) = problem.filter[3] < problem.filter[4] ? (x, dy) : (dy, x)
    let count = MemoryDescriptor(blockedWeights: type(of: dw)).paddedElementCount
    try appendFilterGradient(
      name, "narrow", [try padded(work, narrow), try blocked(wide)], dw, work.gradientScratchCount
    ) { sources, gradient, scratch in
      work.correlate(
        sources[0].assumingMemoryBound(to: Float.self), sources[1], gradient, blockedCount: count,
        scratch: scratch)
    }
  }

  /// The narrow tensor in float32 with zeros around.
  private func padded(_ work: NarrowConvolutionWork, _ narrow: Value) throws -> BufferID {
    let source = try type(of: narrow).dtype == .bf16 ? rowMajor(narrow) : kernelOperand(narrow)
    let padded = makeBuffer(4 * work.paddedCount)
    append("convolution padding", "narrow", reads: [source], writes: [padded]) { addresses in
      let from = UnsafeRawPointer(addresses(source))
      let to = addresses.floats(padded)
      return { work.pad(from, to) }
    }
    return padded
  }

  // MARK: What all share

  private func located(
    _ tail: ConvolutionEpilogue, bias: (Value) throws -> BufferID, residual: (Value) throws -> BufferID
  ) rethrows -> LocatedEpilogue {
    LocatedEpilogue(
      isRectified: tail.isRectified, bias: try tail.bias.map(bias), residual: try tail.residual.map(residual))
  }

  /// The name of the steps that bring weights into a kernel's order.
  static let weightsStep = "convolution weights"

  /// Weights in the order in which a kernel reads them, `count` floats, made of the float32 weights in blocks.
  private func packed(
    _ weights: Value, _ detail: String, count: Int,
    _ pack: @escaping (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) throws -> BufferID {
    let source = try blockedWeights(weights)
    let target = makeBuffer(4 * count)
    append(Self.weightsStep, detail, reads: [source], writes: [target]) { addresses in
      let (from, to) = (UnsafePointer(addresses.floats(source)), addresses.floats(target))
      return { pack(from, to) }
    }
    return target
  }
}

/// What a kernel does to the result of a convolution, with the buffers where its operands lie.
private struct LocatedEpilogue {
  let isRectified: Bool
  let bias, residual: BufferID?

  var buffers: [BufferID] { [bias, residual].compactMap { $0 } }

  func epilogue(at addresses: Addresses) -> KernelEpilogue {
    KernelEpilogue(
      bias: bias.map { UnsafePointer(addresses.floats($0)) }, isRectified: isRectified,
      residual: residual.map { UnsafeRawPointer(addresses($0)) })
  }
}

extension WinogradKernel {
  /// "winograd 4x4x4, blocked 16c".
  var summary: String { "\(algorithm), blocked 16c" }

  var algorithm: ConvolutionAlgorithm { .winograd(Int(tile.0), Int(tile.1), Int(tile.2)) }
}
