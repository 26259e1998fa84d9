import CPUKernels
import TensorGraph

/// A convolution by the direct kernel, its input gradient or its filter gradient, shared out among threads.
struct DirectConvolutionWork: KernelWork {
  /// Items that each thread shall have, so that all are done at about the same time.
  private static let itemsPerThread = 4

  private let kernel: DirectKernel
  let shape: DirectConvolution
  private let storage: KernelStorage
  /// Whether the result is the gradient of the input.
  private let isTransposed: Bool
  private let threadCount: Int
  private let slabCount: Int
  private let multiplications: Int

  init(_ problem: ConvolutionProblem, _ kernel: UnsafePointer<DirectKernel>, threadCount: Int) {
    self.kernel = kernel.pointee
    self.threadCount = threadCount
    isTransposed = problem.direction == .inputGradient
    storage = problem.input.dtype.kernelStorage
    multiplications = problem.multiplications
    shape = DirectConvolution(problem)
    slabCount = withUnsafePointer(to: shape) { [isTransposed] in
      Int(kernel.pointee.slabCount($0, isTransposed))
    }
  }

  /// Floats of the packed weights, or of one filter gradient.
  var weightCount: Int {
    Int(shape.taps.0 * shape.taps.1 * shape.taps.2 * shape.inputBlocks * shape.outputBlocks) * 256
  }

  /// Whether the kernel takes the weights as they lie in blocks.
  var readsWeightsInPlace: Bool { storage == KernelFloat32 && !isTransposed }

  func pack(_ weights: UnsafePointer<Float>, _ packed: UnsafeMutablePointer<Float>) {
    Parallel.forItems(resultBlocks, threadCount: threadCount) { block, _ in
      withShape {
        kernel.packWeights($0, storage, weights, isTransposed, packed, Int64(block), Int64(block + 1))
      }
    }
  }

  // MARK: Forward and input gradient

  private var resultBlocks: Int { Int(isTransposed ? shape.inputBlocks : shape.outputBlocks) }

  /// Parts of the result's blocks: where slabs are few, several threads take one.
  private var groupCount: Int {
    min(resultBlocks, max(1, shares(of: Self.itemsPerThread * threadCount, max(1, slabCount))))
  }

  /// Multiplications of the thread that has most items.
  var convolvedMultiplicationsPerThread: Int { share(of: slabCount * groupCount) }

  private func share(of itemCount: Int) -> Int {
    shares(of: itemCount, threadCount) * shares(of: multiplications, max(1, itemCount))
  }

  private var scratchPerThread: Int {
    withShape { Int(kernel.scratchCount($0, isTransposed, Int64(shares(of: resultBlocks, groupCount)))) }
  }

  /// Floats of scratch for all threads.
  var scratchCount: Int { threadCount * scratchPerThread }

  /// y = x * w, or dx = dy * reversed w, with what follows.
  func convolve(
    _ source: UnsafeRawPointer, _ packed: UnsafePointer<Float>, _ epilogue: KernelEpilogue,
    _ target: UnsafeMutableRawPointer, scratch: UnsafeMutablePointer<Float>
  ) {
    let (groups, blocks, scratchCount) = (groupCount, resultBlocks, scratchPerThread)
    Parallel.forItems(slabCount * groups, threadCount: threadCount) { item, thread in
      let (slab, group) = (item / groups, item % groups)
      var epilogue = epilogue
      withShape {
        kernel.convolve(
          $0, storage, isTransposed, source, packed, &epilogue, target, Int64(slab),
          Int64(blocks * group / groups), Int64(blocks * (group + 1) / groups),
          scratch + thread * scratchCount)
      }
    }
  }

  // MARK: Filter gradient

  /// Parts of the output's blocks, and of the slabs where those are too few for all threads.
  private var gradientItems: (groups: Int, parts: Int) {
    let wanted = Self.itemsPerThread * threadCount
    let inputBlocks = Int(shape.inputBlocks)
    let groups = min(Int(shape.outputBlocks), shares(of: wanted, inputBlocks))
    return (groups, min(slabCount, shares(of: wanted, inputBlocks * groups)))
  }

  /// Multiplications of the thread that has most items.
  var correlatedMultiplicationsPerThread: Int {
    let (groups, parts) = gradientItems
    return share(of: Int(shape.inputBlocks) * groups * parts)
  }

  private var scratchPerCorrelatingThread: Int { withShape { Int(kernel.correlationScratchCount($0)) } }

  /// Floats of scratch: each thread's, and the gradients of the parts where there are several.
  var correlationScratchCount: Int {
    let parts = gradientItems.parts
    return threadCount * scratchPerCorrelatingThread + (parts > 1 ? parts * weightCount : 0)
  }

  /// dw from x and dy: the gradients of parts of the slabs, added in their order.
  func correlate(
    _ x: UnsafeRawPointer, _ dy: UnsafeRawPointer, _ dw: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let ((groups, parts), count, scratchCount) = (gradientItems, weightCount, scratchPerCorrelatingThread)
    let (inputs, outputs) = (Int(shape.inputBlocks), Int(shape.outputBlocks))
    let gradients = parts > 1 ? scratch + threadCount * scratchCount : dw
    Parallel.forItems(parts * inputs * groups, threadCount: threadCount) { item, thread in
      let (part, input, group) = (item / (inputs * groups), item / groups % inputs, item % groups)
      withShape {
        kernel.correlate(
          $0, storage, x, dy, gradients + part * count, Int64(input), Int64(outputs * group / groups),
          Int64(outputs * (group + 1) / groups), Int64(slabCount * part / parts),
          Int64(slabCount * (part + 1) / parts), scratch + thread * scratchCount)
      }
    }
    if parts > 1 { addParts(gradients, count: parts, of: count, into: dw) }
  }
}

extension DirectConvolution {
  init(_ problem: ConvolutionProblem) {
    func triple(_ value: (Int) -> Int) -> (Int64, Int64, Int64) {
      (Int64(value(0)), Int64(value(1)), Int64(value(2)))
    }
    let axes = problem.window.axes
    self.init(
      batch: Int64(problem.output[0]), inputBlocks: problem.kernelBlocks.input,
      outputBlocks: problem.kernelBlocks.output, input: problem.layerExtents.input,
      output: problem.layerExtents.output, taps: triple { problem.filter[$0] },
      stride: triple { axes[$0].stride }, dilation: triple { axes[$0].dilation },
      before: triple { axes[$0].before })
  }
}
