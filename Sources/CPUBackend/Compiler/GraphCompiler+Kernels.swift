import CPUKernels
import TensorGraph

/// What a kernel of ours does to the result of a convolution, in this order.
struct ConvolutionEpilogue {
  var bias: Value?
  var isRectified = false
  var residual: Value?
}

// Convolutions by kernels of our own.
extension GraphCompiler {
  /// y = x * w + bias, or dx = dy * reversed w + bias.
  func compile(
    _ kernel: ConvolutionChooser.Kernel, _ problem: ConvolutionProblem, _ name: String, source: Value,
    weights: Value, bias: Value?, result: Value
  ) throws {
    switch kernel {
    case .winograd(let kernel):
      try compileWinograd(
        problem, kernel, name, source: source, weights: weights, ConvolutionEpilogue(bias: bias),
        result: result)
    case .narrow(let kernel):
      try compileNarrow(problem, kernel, name, source: source, weights: weights, bias: bias, result: result)
    case .patch(let kernel):
      try compilePatch(problem, kernel, name, source: source, weights: weights, bias: bias, result: result)
    }
  }

  /// dw of x and dy.
  func compileFilterGradient(
    _ kernel: ConvolutionChooser.Kernel, _ problem: ConvolutionProblem, _ name: String, x: Value, dy: Value,
    dw: Value
  ) throws {
    switch kernel {
    case .winograd(let kernel):
      let work = WinogradConvolutionWork(problem, kernel, threadCount: threadCount)
      try appendFilterGradient(
        name, kernel.pointee.summary, [try blocked(x), try blocked(dy)], dw, work.correlationScratchCount
      ) { work.correlate($0[0], $0[1], $1, scratch: $2) }
    case .narrow(let kernel):
      try compileNarrowFilterGradient(problem, kernel, name, x: x, dy: dy, dw: dw)
    case .patch(let kernel):
      let work = PatchConvolutionWork(problem, kernel, threadCount: threadCount)
      try appendFilterGradient(
        name, "patch, blocked 16c", [try blocked(x), try blocked(dy)], dw, work.correlationScratchCount
      ) { work.correlate($0[0], $0[1], $1, scratch: $2) }
    }
  }

  // MARK: Winograd

  /// y = x * w with what follows, or dx = dy * reversed w.
  func compileWinograd(
    _ problem: ConvolutionProblem, _ kernel: UnsafePointer<WinogradKernel>, _ name: String, source: Value,
    weights: Value, _ tail: ConvolutionEpilogue, result: Value
  ) throws {
    let work = WinogradConvolutionWork(problem, kernel, threadCount: threadCount)
    let summary = kernel.pointee.summary
    let x = try blocked(source)
    let filter = try packed(weights, summary, count: work.transformedCount, work.transformWeights)
    let bias = try tail.bias.map { try paddedBias($0) }
    let residual = try tail.residual.map { try blocked($0) }
    let y = define(result, as: try MemoryDescriptor(blocked: type(of: result)))
    let scratch = makeBuffer(4 * work.convolutionScratchCount)
    append(
      name, summary, reads: [x, filter] + [bias, residual].compactMap { $0 }, writes: [y], scratch: scratch
    ) { addresses in
      let (source, target) = (UnsafeRawPointer(addresses(x)), addresses(y))
      let weights = UnsafePointer(addresses.floats(filter))
      let epilogue = KernelEpilogue(
        bias: bias.map { UnsafePointer(addresses.floats($0)) }, isRectified: tail.isRectified,
        residual: residual.map { UnsafeRawPointer(addresses($0)) })
      let passes = addresses.floats(scratch)
      return { work.convolve(source, weights, epilogue, target, scratch: passes) }
    }
  }

  // MARK: Patches

  /// y = x * w + bias, or dx = the transposed convolution of dy plus bias, of 2x2x2 taps with stride 2.
  private func compilePatch(
    _ problem: ConvolutionProblem, _ kernel: UnsafePointer<PatchKernel>, _ name: String, source: Value,
    weights: Value, bias: Value?, result: Value
  ) throws {
    let work = PatchConvolutionWork(problem, kernel, threadCount: threadCount)
    let x = try blocked(source)
    let filter = try packed(weights, "patch", count: work.weightCount, work.pack)
    let b = try bias.map { try paddedBias($0) }
    let y = define(result, as: try MemoryDescriptor(blocked: type(of: result)))
    let scratch = makeBuffer(4 * work.scratchCount)
    append(
      name, "patch, blocked 16c", reads: [x, filter] + [b].compactMap { $0 }, writes: [y], scratch: scratch
    ) { addresses in
      let (source, target) = (UnsafeRawPointer(addresses(x)), addresses(y))
      let weights = UnsafePointer(addresses.floats(filter))
      let offset = b.map { UnsafePointer(addresses.floats($0)) }
      let rows = addresses.floats(scratch)
      return { work.convolve(source, weights, bias: offset, target, scratch: rows) }
    }
  }

  // MARK: Narrow sides

  /// y = x * w + bias, or dx = dy * reversed w, with few channels on one side.
  private func compileNarrow(
    _ problem: ConvolutionProblem, _ kernel: UnsafePointer<NarrowKernel>, _ name: String, source: Value,
    weights: Value, bias: Value?, result: Value
  ) throws {
    let work = NarrowConvolutionWork(problem, kernel, threadCount: threadCount)
    let isExpanding = work.role == .expand
    let filter = try packed(weights, "narrow", count: work.filterCount, work.pack)
    let x = try isExpanding ? padded(work, source) : blocked(source)
    let b = try bias.map { try isExpanding ? paddedBias($0) : rowMajor($0) }
    let y =
      try isExpanding ? define(result, as: MemoryDescriptor(blocked: type(of: result))) : define(result)
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

  private func compileNarrowFilterGradient(
    _ problem: ConvolutionProblem, _ kernel: UnsafePointer<NarrowKernel>, _ name: String, x: Value, dy: Value,
    dw: Value
  ) throws {
    let work = NarrowConvolutionWork(problem, kernel, threadCount: threadCount)
    let (narrow, wide) = problem.filter[3] < problem.filter[4] ? (x, dy) : (dy, x)
    let count = try MemoryDescriptor(blockedWeights: type(of: dw)).paddedElementCount
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
    let source = try rowMajor(narrow)
    let padded = makeBuffer(4 * work.paddedCount)
    append("convolution padding", "narrow", reads: [source], writes: [padded]) { addresses in
      let from = UnsafeRawPointer(addresses(source))
      let to = addresses.floats(padded)
      return { work.pad(from, to) }
    }
    return padded
  }

  // MARK: What all share

  /// A batch in blocks of 16 channels.
  private func blocked(_ value: Value) throws -> BufferID {
    try located(value, as: try MemoryDescriptor(blocked: type(of: value)))
  }

  /// Weights in the order in which a kernel reads them, `count` floats, made of the float32 weights in blocks.
  private func packed(
    _ weights: Value, _ detail: String, count: Int,
    _ pack: @escaping (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) throws -> BufferID {
    let master = uncast(weights)
    let source = try located(master, as: try MemoryDescriptor(blockedWeights: type(of: master)))
    let target = makeBuffer(4 * count)
    append("convolution weights", detail, reads: [source], writes: [target]) { addresses in
      let (from, to) = (UnsafePointer(addresses.floats(source)), addresses.floats(target))
      return { pack(from, to) }
    }
    return target
  }

  /// A bias with zeros up to a whole block of channels.
  func paddedBias(_ bias: Value) throws -> BufferID {
    let source = try rowMajor(bias)
    let count = type(of: bias).shape.elementCount
    let padded = (count + 15) / 16 * 16
    guard padded > count else { return source }
    let target = makeBuffer(4 * padded)
    append("bias padding", "kernel", reads: [source], writes: [target]) { addresses in
      let from = addresses.floats(source)
      let to = addresses.floats(target)
      return {
        to.update(repeating: 0, count: padded)
        to.update(from: from, count: count)
      }
    }
    return target
  }

  /// Appends the step that computes a filter gradient in blocks.
  ///
  /// - Parameter correlate: given the sources, the gradient and scratch of so many floats.
  private func appendFilterGradient(
    _ name: String, _ detail: String, _ sources: [BufferID], _ dw: Value, _ scratchCount: Int,
    _ correlate:
      @escaping ([UnsafeRawPointer], UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) throws {
    let target = define(dw, as: try MemoryDescriptor(blockedWeights: type(of: dw)))
    let scratch = makeBuffer(4 * scratchCount)
    append(name, detail, reads: sources, writes: [target], scratch: scratch) { addresses in
      let tensors = sources.map { UnsafeRawPointer(addresses($0)) }
      let (gradient, memory) = (addresses.floats(target), addresses.floats(scratch))
      return { correlate(tensors, gradient, memory) }
    }
  }
}

extension WinogradKernel {
  /// "winograd 4x4x4, blocked 16c".
  var summary: String {
    "\(ConvolutionAlgorithm.winograd(Int(tile.0), Int(tile.1), Int(tile.2))), blocked 16c"
  }
}
