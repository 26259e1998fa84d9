import CPUKernels
import TensorGraph

/// The parts of one convolution by Winograd's minimal filtering, shared out among threads.
struct WinogradConvolutionWork: KernelWork {
  /// What a thread's transformed tiles may take, in floats: about what its second-level cache holds.
  private static let passFloatCount = 300_000

  private let kernel: WinogradKernel
  let shape: KernelConvolution
  private let storage: KernelStorage
  private let isReversed: Bool
  private let threadCount: Int
  private let tileCount: Int

  init(_ problem: ConvolutionProblem, _ kernel: UnsafePointer<WinogradKernel>, threadCount: Int) {
    self.kernel = kernel.pointee
    self.threadCount = threadCount
    shape = problem.kernelShape
    storage = problem.input.dtype.kernelStorage
    isReversed = problem.direction == .inputGradient
    tileCount = withUnsafePointer(to: shape) { Int(kernel.pointee.tileCount($0)) }
  }

  /// How many tiles fit into a thread's cache: whole groups of those that are multiplied at once.
  private func tilesPerPass(_ scratchCount: (UnsafePointer<KernelConvolution>, Int64) -> Int64, most: Int)
    -> Int
  {
    let one = max(1, withShape { Int(scratchCount($0, 1)) })
    let fitting = Self.passFloatCount / one / 8 * 8
    let share = shares(of: tileCount, threadCount)
    return max(1, min(max(8, fitting), most, share))
  }

  /// Floats of transformed weights, or of one transformed filter gradient.
  var transformedCount: Int { withShape { Int(kernel.transformedCount($0)) } }
  private var weightBlockCount: Int { Int(shape.inputBlocks * shape.outputBlocks) }

  func transformWeights(_ weights: UnsafePointer<Float>, _ transformed: UnsafeMutablePointer<Float>) {
    Parallel.forItems(weightBlockCount, threadCount: threadCount) { block, _ in
      withShape {
        kernel.transformWeights($0, storage, weights, isReversed, transformed, Int64(block), Int64(block + 1))
      }
    }
  }

  // MARK: Forward and input gradient

  private var convolutionTilesPerPass: Int {
    tilesPerPass({ kernel.convolutionScratchCount($0, $1) }, most: 32)
  }

  /// Tiles that the busiest thread computes.
  var convolvedTilesPerThread: Int {
    let pass = convolutionTilesPerPass
    return min(tileCount, shares(of: shares(of: tileCount, pass), threadCount) * pass)
  }

  /// Floats of scratch for all threads.
  var convolutionScratchCount: Int { threadCount * scratchPerConvolvingThread }

  private var scratchPerConvolvingThread: Int {
    withShape { Int(kernel.convolutionScratchCount($0, Int64(convolutionTilesPerPass))) }
  }

  /// y = x * w, with what follows.
  func convolve(
    _ x: UnsafeRawPointer, _ transformed: UnsafePointer<Float>, _ epilogue: KernelEpilogue,
    _ y: UnsafeMutableRawPointer, scratch: UnsafeMutablePointer<Float>
  ) {
    let (pass, scratchCount) = (convolutionTilesPerPass, scratchPerConvolvingThread)
    let convolve = storage == KernelFloat32 ? kernel.convolve.0! : kernel.convolve.1!
    Parallel.forItems((tileCount + pass - 1) / pass, threadCount: threadCount) { item, thread in
      var epilogue = epilogue
      withShape {
        convolve(
          $0, x, transformed, &epilogue, y, Int64(item * pass), Int64(min(tileCount, (item + 1) * pass)),
          Int64(pass),
          scratch + thread * scratchCount)
      }
    }
  }

  // MARK: Filter gradient

  private var correlationTilesPerPass: Int {
    tilesPerPass({ kernel.correlationScratchCount($0, $1) }, most: 64)
  }

  private var scratchPerCorrelatingThread: Int {
    withShape { Int(kernel.correlationScratchCount($0, Int64(correlationTilesPerPass))) }
  }

  /// Parts of the tiles whose gradients are computed apart and then summed: as many as give all threads about as many items,
  /// each a part for one depth point.
  private var partCount: Int { min(tileCount, balancedParts(of: planeCount, threadCount)) }
  private var planeCount: Int { Int(kernel.points.0) }

  /// Tiles, each for one depth point, whose gradients the busiest thread computes.
  var correlatedTilesPerThread: Int {
    shares(of: planeCount * partCount, threadCount) * shares(of: tileCount, partCount)
  }

  /// Floats of scratch for all threads: transformed gradients, then transformed tiles.
  var correlationScratchCount: Int {
    partCount * transformedCount + threadCount * scratchPerCorrelatingThread
  }

  /// dw from x and dy.
  func correlate(
    _ x: UnsafeRawPointer, _ dy: UnsafeRawPointer, _ dw: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let (parts, planes, gradientCount) = (partCount, planeCount, transformedCount)
    let (pass, scratchCount) = (correlationTilesPerPass, scratchPerCorrelatingThread)
    let tileScratch = scratch + parts * gradientCount
    let correlate = storage == KernelFloat32 ? kernel.correlate.0! : kernel.correlate.1!
    Parallel.forItems(planes * parts, threadCount: threadCount) { item, thread in
      let (part, plane) = (item / planes, item % planes)
      withShape {
        correlate(
          $0, x, dy, Int64(plane), scratch + part * gradientCount, Int64(tileCount * part / parts),
          Int64(tileCount * (part + 1) / parts), Int64(pass), tileScratch + thread * scratchCount)
      }
    }
    if parts > 1 { addParts(scratch, count: parts, of: gradientCount, into: scratch) }
    Parallel.forItems(weightBlockCount, threadCount: threadCount) { block, _ in
      withShape { kernel.finishGradient($0, scratch, dw, Int64(block), Int64(block + 1)) }
    }
  }
}
