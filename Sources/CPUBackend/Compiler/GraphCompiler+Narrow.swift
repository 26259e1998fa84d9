import CPUKernels
import TensorGraph

extension GraphCompiler {
  /// y = x * w + bias, or dx = dy * reversed w, with few channels on one side.
  func compileNarrow(
    _ problem: ConvolutionProblem, _ kernel: UnsafePointer<NarrowKernel>, _ name: String, source: Value,
    weights: Value, bias: Value?, result: Value
  ) throws {
    let work = NarrowConvolutionWork(problem, kernel, threadCount: threadCount)
    let filter = try packedFilter(work, weights)
    if work.role == .expand {
      let padded = try padded(work, source)
      let b = try bias.map { try paddedBias($0) }
      let y = define(result, as: try MemoryDescriptor(blocked: type(of: result)))
      append(name, "narrow", reads: [padded, filter] + (b.map { [$0] } ?? []), writes: [y]) { addresses in
        let x = UnsafePointer(addresses.floats(padded))
        let w = UnsafePointer(addresses.floats(filter))
        let offset = b.map { UnsafePointer(addresses.floats($0)) }
        let target = addresses(y)
        return { work.expand(x, w, bias: offset, target) }
      }
    } else {
      let x = try located(source, as: try MemoryDescriptor(blocked: type(of: source)))
      let b = try bias.map { try rowMajor($0) }
      let y = try define(result)
      append(name, "narrow", reads: [x, filter] + (b.map { [$0] } ?? []), writes: [y]) { addresses in
        let (wide, target) = (UnsafeRawPointer(addresses(x)), addresses(y))
        let w = UnsafePointer(addresses.floats(filter))
        let offset = b.map { UnsafePointer(addresses.floats($0)) }
        return { work.contract(wide, w, bias: offset, target) }
      }
    }
  }

  /// dw of x and dy, with few channels on one side.
  func compileNarrowFilterGradient(
    _ problem: ConvolutionProblem, _ kernel: UnsafePointer<NarrowKernel>, _ name: String, x: Value, dy: Value,
    dw: Value
  ) throws {
    let work = NarrowConvolutionWork(problem, kernel, threadCount: threadCount)
    let isInputNarrow = problem.filter[3] < problem.filter[4]
    let (narrow, wide) = isInputNarrow ? (x, dy) : (dy, x)
    let padded = try padded(work, narrow)
    let source = try located(wide, as: try MemoryDescriptor(blocked: type(of: wide)))
    let layout = try MemoryDescriptor(blockedWeights: type(of: dw))
    let target = define(dw, as: layout)
    let scratch = makeBuffer(4 * work.gradientScratchCount)
    append(name, "narrow", reads: [padded, source], writes: [target], scratch: scratch) { addresses in
      let p = UnsafePointer(addresses.floats(padded))
      let wide = UnsafeRawPointer(addresses(source))
      let dw = addresses.floats(target)
      let slices = addresses.floats(scratch)
      return { work.correlate(p, wide, dw, blockedCount: layout.paddedElementCount, scratch: slices) }
    }
  }

  private func packedFilter(_ work: NarrowConvolutionWork, _ weights: Value) throws -> BufferID {
    let master = fusions.uncast(weights)
    let w = try located(master, as: try MemoryDescriptor(blockedWeights: type(of: master)))
    let filter = makeBuffer(4 * work.filterCount)
    append("convolution weights", "narrow", reads: [w], writes: [filter]) { addresses in
      let source = UnsafePointer(addresses.floats(w))
      let target = addresses.floats(filter)
      return { work.pack(source, target) }
    }
    return filter
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
}
