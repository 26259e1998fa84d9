import CPUKernels
import TensorGraph

extension GraphCompiler {
  /// y = x * w with what follows, or dx = dy * reversed w.
  func compileWinograd(
    _ problem: ConvolutionProblem, _ kernel: UnsafePointer<WinogradKernel>, _ name: String, source: Value,
    weights: Value, bias: Value?, isRectified: Bool = false, residual: Value? = nil, result: Value
  ) throws {
    let convolution = WinogradConvolutionWork(problem, kernel, threadCount: threadCount)
    let x = try located(source, as: try MemoryDescriptor(blocked: type(of: source)))
    let master = fusions.uncast(weights)
    let w = try located(master, as: try MemoryDescriptor(blockedWeights: type(of: master)))
    let b = try bias.map { try paddedBias($0) }
    let r = try residual.map { try located($0, as: try MemoryDescriptor(blocked: type(of: result))) }
    let y = define(result, as: try MemoryDescriptor(blocked: type(of: result)))
    let transformed = makeBuffer(4 * convolution.transformedCount)
    append(
      "convolution weights", kernel.pointee.summary, reads: [w], writes: [transformed]
    ) { addresses in
      let source = UnsafePointer(addresses.floats(w))
      let target = addresses.floats(transformed)
      return { convolution.transformWeights(source, target) }
    }
    let scratch = makeBuffer(4 * convolution.convolutionScratchCount)
    append(
      name, kernel.pointee.summary, reads: [x, transformed] + [b, r].compactMap { $0 }, writes: [y],
      scratch: scratch
    ) { addresses in
      let (source, target) = (UnsafeRawPointer(addresses(x)), addresses(y))
      let filter = UnsafePointer(addresses.floats(transformed))
      let epilogue = KernelEpilogue(
        bias: b.map { UnsafePointer(addresses.floats($0)) }, isRectified: isRectified,
        residual: r.map { UnsafeRawPointer(addresses($0)) })
      let passes = addresses.floats(scratch)
      return { convolution.convolve(source, filter, epilogue, target, scratch: passes) }
    }
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

  /// dw of x and dy.
  func compileWinogradFilterGradient(
    _ problem: ConvolutionProblem, _ kernel: UnsafePointer<WinogradKernel>, _ name: String, x: Value,
    dy: Value,
    dw: Value
  ) throws {
    let convolution = WinogradConvolutionWork(problem, kernel, threadCount: threadCount)
    let source = try located(x, as: try MemoryDescriptor(blocked: type(of: x)))
    let cotangent = try located(dy, as: try MemoryDescriptor(blocked: type(of: dy)))
    let target = define(dw, as: try MemoryDescriptor(blockedWeights: type(of: dw)))
    let scratch = makeBuffer(4 * convolution.correlationScratchCount)
    append(
      name, kernel.pointee.summary, reads: [source, cotangent], writes: [target], scratch: scratch
    ) { addresses in
      let (x, dy) = (UnsafeRawPointer(addresses(source)), UnsafeRawPointer(addresses(cotangent)))
      let dw = addresses.floats(target)
      let passes = addresses.floats(scratch)
      return { convolution.correlate(x, dy, dw, scratch: passes) }
    }
  }
}

extension WinogradKernel {
  /// "winograd 4x4x4, blocked 16c".
  var summary: String {
    "\(ConvolutionAlgorithm.winograd(Int(tile.0), Int(tile.1), Int(tile.2))), blocked 16c"
  }
}
