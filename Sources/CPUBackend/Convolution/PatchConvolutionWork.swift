import CPUKernels
import TensorGraph

/// A convolution of 2x2x2 taps with stride 2, its transpose or its filter gradient, shared out among threads.
struct PatchConvolutionWork: KernelWork {
  /// Voxels of the coarse grid that a filter gradient takes at a time: what fits the second-level cache.
  private static let voxelsPerPass = 64
  private static let tapCount = 8

  /// Whether the fine grid is the result.
  let isTransposed: Bool
  private let kernel: PatchKernel
  let shape: PatchConvolution
  private let storage: KernelStorage
  private let threadCount: Int

  init(_ problem: ConvolutionProblem, _ kernel: UnsafePointer<PatchKernel>, threadCount: Int) {
    self.kernel = kernel.pointee
    self.threadCount = threadCount
    isTransposed = problem.direction == .inputGradient
    storage = problem.input.dtype.kernelStorage
    let layer = problem.kernelBlocks
    shape = PatchConvolution(
      batch: Int64(problem.output[0]), fineBlocks: layer.input, coarseBlocks: layer.output,
      coarse: problem.layerExtents.output)
  }

  private var rowCount: Int { Int(shape.batch * shape.coarse.0 * shape.coarse.1) }

  /// Floats of the packed weights, or of one filter gradient.
  var weightCount: Int { Self.tapCount * Int(shape.fineBlocks * shape.coarseBlocks) * 256 }

  func pack(_ weights: UnsafePointer<Float>, _ packed: UnsafeMutablePointer<Float>) {
    withShape { kernel.packWeights($0, storage, weights, isTransposed, packed) }
  }

  /// Voxels of the coarse grid that the busiest thread takes when it convolves.
  var convolvedVoxelsPerThread: Int {
    shares(of: Int(shape.batch * shape.coarse.0), threadCount) * Int(shape.coarse.1 * shape.coarse.2)
  }

  /// Voxels of the coarse grid that the busiest thread takes for a filter gradient.
  var correlatedVoxelsPerThread: Int { shares(of: rowCount, threadCount) * Int(shape.coarse.2) }

  // MARK: Forward and input gradient

  private var scratchPerThread: Int { withShape { Int(kernel.scratchCount($0, 1)) } }

  /// Floats of scratch for all threads.
  var scratchCount: Int { threadCount * scratchPerThread }

  func convolve(
    _ source: UnsafeRawPointer, _ packed: UnsafePointer<Float>, _ epilogue: KernelEpilogue,
    _ target: UnsafeMutableRawPointer, scratch: UnsafeMutablePointer<Float>
  ) {
    let run = isTransposed ? kernel.twice! : kernel.halve!
    let scratchCount = scratchPerThread
    // One item is the rows of one slice: less is not worth taking.
    let rowsPerItem = Int(shape.coarse.1)
    Parallel.forItems(rowCount / rowsPerItem, threadCount: threadCount) { item, thread in
      var epilogue = epilogue
      withShape {
        run(
          $0, storage, source, packed, &epilogue, target, Int64(item * rowsPerItem),
          Int64((item + 1) * rowsPerItem), scratch + thread * scratchCount)
      }
    }
  }

  // MARK: Filter gradient

  private var rowsPerPass: Int { max(1, Self.voxelsPerPass / Int(shape.coarse.2)) }
  private var gatherCount: Int { withShape { Int(kernel.scratchCount($0, Int64(rowsPerPass))) } }

  /// Floats of scratch for all threads: a gradient and gathered voxels each.
  var correlationScratchCount: Int { threadCount * (weightCount + gatherCount) }

  /// The gradient in blocks `[O/16, I/16, taps, 16 i, 16 o]`: each thread sums some rows, then the threads' are
  /// added in their order.
  func correlate(
    _ fine: UnsafeRawPointer, _ coarse: UnsafeRawPointer, _ gradient: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let (parts, count, rows) = (threadCount, weightCount, rowCount)
    let stride = count + gatherCount
    Parallel.forItems(parts, threadCount: threadCount) { part, _ in
      let sum = scratch + part * stride
      sum.update(repeating: 0, count: count)
      withShape {
        kernel.correlate(
          $0, storage, fine, coarse, sum, Int64(rows * part / parts), Int64(rows * (part + 1) / parts),
          Int64(rowsPerPass), sum + count)
      }
    }
    let (fineBlocks, coarseBlocks) = (Int(shape.fineBlocks), Int(shape.coarseBlocks))
    Parallel.forItems(coarseBlocks * fineBlocks, threadCount: threadCount) { block, _ in
      let (k, c) = (block / fineBlocks, block % fineBlocks)
      for tap in 0..<Self.tapCount {
        for i in 0..<16 {
          let source = scratch + ((tap * fineBlocks + c) * 16 + i) * coarseBlocks * 16 + k * 16
          let target = gradient + ((block * Self.tapCount + tap) * 16 + i) * 16
          for lane in 0..<16 {
            var sum: Float = 0
            for part in 0..<parts { sum += source[part * stride + lane] }
            target[lane] = sum
          }
        }
      }
    }
  }
}
