import CPUKernels
import TensorGraph

/// A convolution with one to four channels on one side, or one of its gradients, shared out among threads.
struct NarrowConvolutionWork: KernelWork {
  /// What the narrow tensor is to the computation.
  enum Role {
    /// The narrow tensor goes in and the wide one comes out.
    case expand
    /// The wide tensor goes in and the narrow one comes out.
    case contract
    /// Both go in and the filter gradient comes out.
    case correlate
  }

  let role: Role
  private let kernel: NarrowKernel
  let shape: NarrowConvolution
  private let storage: KernelStorage
  private let threadCount: Int
  /// Whether the narrow side is the layer's input.
  private let isInputNarrow: Bool
  /// Whether the filter's taps count backwards.
  private let isReversed: Bool

  init(_ problem: ConvolutionProblem, _ kernel: UnsafePointer<NarrowKernel>, threadCount: Int) {
    self.kernel = kernel.pointee
    self.threadCount = threadCount
    storage = problem.input.dtype.kernelStorage
    let (inputs, outputs, taps) = (problem.filter[3], problem.filter[4], problem.filter[0])
    isInputNarrow = inputs < outputs
    switch problem.direction {
    case .forward: role = isInputNarrow ? .expand : .contract
    case .inputGradient: role = isInputNarrow ? .contract : .expand
    case .filterGradient: role = .correlate
    }
    let isReversed = isInputNarrow ? problem.direction == .inputGradient : problem.direction != .forward
    let before = problem.window.axes.map { Int64(isReversed ? taps - 1 - $0.before : $0.before) }
    self.isReversed = isReversed
    let layer = problem.layerExtents
    shape = NarrowConvolution(
      batch: Int64(problem.output[0]), wideBlocks: Int64((max(inputs, outputs) + 15) / 16),
      channels: Int64(min(inputs, outputs)), taps: Int64(taps),
      wide: isInputNarrow ? layer.output : layer.input,
      narrow: isInputNarrow ? layer.input : layer.output, before: (before[0], before[1], before[2]))
  }

  private var tapCount: Int { Int(shape.taps * shape.taps * shape.taps) }
  private var wideSliceCount: Int { Int(shape.batch * shape.wide.0) }

  /// Voxels of the result, or of the wide tensor that goes in with the narrow one, on the busiest thread. Kernels take up
  /// to 8 voxels of a row at once.
  var voxelsPerThread: Int {
    let grid = role == .contract ? shape.narrow : shape.wide
    return shares(of: Int(shape.batch * grid.0), threadCount) * Int(grid.1) * shares(of: Int(grid.2), 8) * 8
  }

  // MARK: Filters

  /// Floats of a filter as the kernels take it: `[wide blocks][taps][channels][16]`.
  var filterCount: Int { Int(shape.wideBlocks) * tapCount * Int(shape.channels) * 16 }

  /// Calls back with the index of each float of the kernels' filter and of the same weight in blocks
  /// `[O/16, I/16, taps, 16 i, 16 o]`, of which one side has a single block.
  private func forEachWeight(_ body: (_ packed: Int, _ blocked: Int) -> Void) {
    var packed = 0
    for block in 0..<Int(shape.wideBlocks) {
      for tap in 0..<tapCount {
        let base = (block * tapCount + (isReversed ? tapCount - 1 - tap : tap)) * 256
        for channel in 0..<Int(shape.channels) {
          for lane in 0..<16 {
            body(packed, base + (isInputNarrow ? channel * 16 + lane : lane * 16 + channel))
            packed += 1
          }
        }
      }
    }
  }

  /// Brings weights into the kernels' order, rounded to the dtype of the activations.
  func pack(_ weights: UnsafePointer<Float>, _ filter: UnsafeMutablePointer<Float>) {
    let isHalf = storage == KernelBFloat16
    forEachWeight { packed, blocked in
      let weight = weights[blocked]
      filter[packed] = isHalf ? BrainFloat(rounding: weight).number : weight
    }
  }

  // MARK: Computation

  /// Floats of the padded copy of the narrow tensor.
  var paddedCount: Int { withShape { Int(kernel.paddedCount($0)) } }

  func pad(_ narrow: UnsafeRawPointer, _ padded: UnsafeMutablePointer<Float>) {
    let slices = Int(shape.batch * (shape.wide.0 + shape.taps - 1))
    Parallel.forItems(slices, threadCount: threadCount) { slice, _ in
      withShape { kernel.pad($0, storage, narrow, padded, Int64(slice), Int64(slice + 1)) }
    }
  }

  /// The wide tensor from the padded narrow one.
  func expand(
    _ padded: UnsafePointer<Float>, _ filter: UnsafePointer<Float>, _ epilogue: KernelEpilogue,
    _ wide: UnsafeMutableRawPointer
  ) {
    Parallel.forItems(wideSliceCount, threadCount: threadCount) { slice, _ in
      var epilogue = epilogue
      withShape {
        kernel.expand($0, storage, padded, filter, &epilogue, wide, Int64(slice), Int64(slice + 1))
      }
    }
  }

  /// The narrow tensor from the wide one.
  func contract(
    _ wide: UnsafeRawPointer, _ filter: UnsafePointer<Float>, _ epilogue: KernelEpilogue,
    _ narrow: UnsafeMutableRawPointer
  ) {
    Parallel.forItems(Int(shape.batch * shape.narrow.0), threadCount: threadCount) { slice, _ in
      var epilogue = epilogue
      withShape {
        kernel.contract($0, storage, wide, filter, &epilogue, narrow, Int64(slice), Int64(slice + 1))
      }
    }
  }

  /// Floats of the filter gradients of all slices.
  var gradientScratchCount: Int { wideSliceCount * filterCount }

  /// The filter gradient in blocks, of `blockedCount` floats.
  func correlate(
    _ padded: UnsafePointer<Float>, _ wide: UnsafeRawPointer, _ gradient: UnsafeMutablePointer<Float>,
    blockedCount: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    Parallel.forItems(wideSliceCount, threadCount: threadCount) { slice, _ in
      withShape { kernel.correlate($0, storage, padded, wide, scratch, Int64(slice), Int64(slice + 1)) }
    }
    let (count, slices) = (filterCount, wideSliceCount)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { totals in
      let totals = totals.baseAddress!
      ReductionKernel.sum(outer: 1, reduced: slices, inner: count, UnsafePointer(scratch), into: totals)
      gradient.update(repeating: 0, count: blockedCount)
      forEachWeight { packed, blocked in gradient[blocked] = totals[packed] }
    }
  }
}
