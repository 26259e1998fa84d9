import CPUKernels
import TensorGraph

/// What a kernel does to the result of a convolution, in this order.
struct ConvolutionEpilogue {
  let bias: Value?
  let isRectified: Bool
  let residual: Value?
}

/// A convolution or an input gradient that is to become a step, whatever kernel computes it.
struct ConvolutionStep {
  let problem: ConvolutionProblem
  let name: String
  let source, weights: Value
  let tail: ConvolutionEpilogue
  let result: Value
}

// The choice of kernels for convolutions.
extension GraphCompiler {
  /// The problem that kernels solve: what is float16 is computed in float32.
  func problem(
    _ direction: ConvolutionProblem.Direction, _ window: ConvolutionWindow, _ input: Value, _ filter: Value,
    _ output: Value
  ) -> ConvolutionProblem {
    ConvolutionProblem(
      direction: direction, window: window, input: batchType(of: input), filter: type(of: filter).shape,
      output: type(of: output).shape)
  }

  /// y = x * w, or dx = dy * reversed w, with what follows.
  func compile(_ step: ConvolutionStep) throws {
    let kernel = chooser.kernel(for: step.problem, weightsChange: graph.changesWeights)
    try noting(chooser.arithmetic(of: step.problem, by: kernel), of: step.name) {
      switch kernel {
      case .winograd(let kernel): try compileWinograd(step, kernel)
      case .narrow(let kernel): try compileNarrow(step, kernel)
      case .patch(let kernel): try compilePatch(step, kernel)
      case .direct(let kernel): try compileDirect(step, kernel)
      }
    }
  }

  /// Notes what the step of that name computes among those that `append` appends.
  private func noting(
    _ arithmetic: ConvolutionArithmetic, of name: String, _ append: () throws -> Void
  ) rethrows {
    let start = plan.steps.count
    try append()
    plan.steps[plan.steps[start...].lastIndex { $0.name == name }!].arithmetic = arithmetic
  }

  /// dw of x and dy.
  func compileFilterGradient(
    _ kernel: ConvolutionChooser.Kernel, _ problem: ConvolutionProblem, _ name: String, x: Value, dy: Value,
    dw: Value
  ) throws {
    try noting(chooser.arithmetic(of: problem, by: kernel), of: name) {
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
      case .direct(let kernel):
        let work = DirectConvolutionWork(problem, kernel, threadCount: threadCount)
        try appendFilterGradient(
          name, "direct, blocked 16c", [try blocked(x), try blocked(dy)], dw, work.correlationScratchCount
        ) { work.correlate($0[0], $0[1], $1, scratch: $2) }
      }
    }
  }

  /// Appends the step that computes a filter gradient in blocks.
  ///
  /// - Parameter correlate: given the sources, the gradient and scratch of so many floats.
  func appendFilterGradient(
    _ name: String, _ detail: String, _ sources: [BufferID], _ dw: Value, _ scratchCount: Int,
    _ correlate:
      @escaping ([UnsafeRawPointer], UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) throws {
    let scratch = makeBuffer(4 * scratchCount)
    try withBlockedWeights(dw) { target in
      append(name, detail, reads: sources, writes: [target], scratch: scratch) { addresses in
        let tensors = sources.map { UnsafeRawPointer(addresses($0)) }
        let (gradient, memory) = (addresses.floats(target), addresses.floats(scratch))
        return { correlate(tensors, gradient, memory) }
      }
    }
  }
}
