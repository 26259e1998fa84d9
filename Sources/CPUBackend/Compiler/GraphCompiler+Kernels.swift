import CPUKernels
import TensorGraph

// Convolutions by their kernels.
extension GraphCompiler {
  // MARK: Winograd and direct

  /// y = x * w with what follows, or dx = dy * reversed w.
  func compileWinograd(
    _ problem: ConvolutionProblem, _ kernel: UnsafePointer<WinogradKernel>, _ name: String, source: Value,
    weights: Value, _ tail: ConvolutionEpilogue, result: Value
  ) throws {
    let work = WinogradConvolutionWork(problem, kernel, threadCount: threadCount)
    let summary = kernel.pointee.summary
    let filter = try packed(weights, summary, count: work.transformedCount, work.transformWeights)
    try appendConvolution(
      name, summary, source, filter, tail, result, work.convolutionScratchCount
    ) { work.convolve($0, $1, $2, $3, scratch: $4) }
  }

  /// y = x * w with what follows, or dx = dy * reversed w.
  func compileDirect(
    _ problem: ConvolutionProblem, _ kernel: UnsafePointer<DirectKernel>, _ name: String, source: Value,
    weights: Value, _ tail: ConvolutionEpilogue, result: Value
  ) throws {
    let work = DirectConvolutionWork(problem, kernel, threadCount: threadCount)
    let filter =
      try work.readsWeightsInPlace
      ? blockedWeights(weights) : packed(weights, "direct", count: work.weightCount, work.pack)
    try appendConvolution(
      name, "direct, blocked 16c", source, filter, tail, result, work.scratchCount
    ) { work.convolve($0, $1, $2, $3, scratch: $4) }
  }

  /// What computes a convolution of its source and weights, with what follows, and writes it, with scratch.
  private typealias Convolve = (
    UnsafeRawPointer, UnsafePointer<Float>, KernelEpilogue, UnsafeMutableRawPointer,
    UnsafeMutablePointer<Float>
  ) -> Void

  private func appendConvolution(
    _ name: String, _ detail: String, _ source: Value, _ filter: BufferID, _ tail: ConvolutionEpilogue,
    _ result: Value, _ scratchCount: Int, _ convolve: @escaping Convolve
  ) throws {
    let x = try blocked(source)
    let bias = try tail.bias.map { try paddedBias($0) }
    let residual = try tail.residual.map { try blocked($0) }
    let scratch = makeBuffer(4 * scratchCount)
    let reads = [x, filter] + [bias, residual].compactMap { $0 }
    try withBlockedResult(result) { y in
      append(name, detail, reads: reads, writes: [y], scratch: scratch) { addresses in
        let (source, target) = (UnsafeRawPointer(addresses(x)), addresses(y))
        let weights = UnsafePointer(addresses.floats(filter))
        let epilogue = KernelEpilogue(
          bias: bias.map { UnsafePointer(addresses.floats($0)) }, isRectified: tail.isRectified,
          residual: residual.map { UnsafeRawPointer(addresses($0)) })
        let memory = addresses.floats(scratch)
        return { convolve(source, weights, epilogue, target, memory) }
      }
    }
  }

  // MARK: Patches

  /// y = x * w + bias, or dx = the transposed convolution of dy plus bias, of 2x2x2 taps with stride 2.
  func compilePatch(
    _ problem: ConvolutionProblem, _ kernel: UnsafePointer<PatchKernel>, _ name: String, source: Value,
    weights: Value, bias: Value?, result: Value
  ) throws {
    let work = PatchConvolutionWork(problem, kernel, threadCount: threadCount)
    let x = try blocked(source)
    let filter = try packed(weights, "patch", count: work.weightCount, work.pack)
    let b = try bias.map { try paddedBias($0) }
    let scratch = makeBuffer(4 * work.scratchCount)
    let reads = [x, filter] + [b].compactMap { $0 }
    try withBlockedResult(result) { y in
      append(name, "patch, blocked 16c", reads: reads, writes: [y], scratch: scratch) { addresses in
        let (source, target) = (UnsafeRawPointer(addresses(x)), addresses(y))
        let weights = UnsafePointer(addresses.floats(filter))
        let offset = b.map { UnsafePointer(addresses.floats($0)) }
        let rows = addresses.floats(scratch)
        return { work.convolve(source, weights, bias: offset, target, scratch: rows) }
      }
    }
  }

  // MARK: Narrow sides

  /// y = x * w + bias, or dx = dy * reversed w, with few channels on one side.
  func compileNarrow(
    _ problem: ConvolutionProblem, _ kernel: UnsafePointer<NarrowKernel>, _ name: String, source: Value,
    weights: Value, bias: Value?, result: Value
  ) throws {
    let work = NarrowConvolutionWork(problem, kernel, threadCount: threadCount)
    let isExpanding = work.role == .expand
    let filter = try packed(weights, "narrow", count: work.filterCount, work.pack)
    let x = try isExpanding ? padded(work, source) : blocked(source)
    let b = try bias.map { try isExpanding ? paddedBias($0) : kernelOperand($0) }
    func appendStep(_ y: BufferID) {
      append(name, "narrow", reads: [x, filter] + [b].compactMap { $0 }, writes: [y]) { addresses in
        let (source, target) = (addresses(x), addresses(y))
        let weights = UnsafePointer(addresses.floats(filter))
        let offset = b.map { UnsafePointer(addresses.floats($0)) }
        if isExpanding {
          let floats = UnsafePointer(addresses.floats(x))
          return { work.expand(floats, weights, bias: offset, target) }
        }
        return { work.contract(source, weights, bias: offset, target) }
      }
    }
    if isExpanding {
      try withBlockedResult(result, appendStep)
    } else if type(of: result).dtype == .bf16 {
      appendStep(define(result))
    } else {
      try withKernelResult(result, appendStep)
    }
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

  /// Weights in the order in which a kernel reads them, `count` floats, made of the float32 weights in blocks.
  private func packed(
    _ weights: Value, _ detail: String, count: Int,
    _ pack: @escaping (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) throws -> BufferID {
    let source = try blockedWeights(weights)
    let target = makeBuffer(4 * count)
    append("convolution weights", detail, reads: [source], writes: [target]) { addresses in
      let (from, to) = (UnsafePointer(addresses.floats(source)), addresses.floats(target))
      return { pack(from, to) }
    }
    return target
  }
}

extension WinogradKernel {
  /// "winograd 4x4x4, blocked 16c".
  var summary: String {
    "\(ConvolutionAlgorithm.winograd(Int(tile.0), Int(tile.1), Int(tile.2))), blocked 16c"
  }
}
