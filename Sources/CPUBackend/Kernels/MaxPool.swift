import TensorGraph

/// Max pooling of a batch in blocks of 16 channels, and its gradient. NaN wins over every number, and the first of equals
/// over the others.
struct MaxPoolKernel {
  private static let lanes = MemoryDescriptor.blockSize

  private let window: PoolingWindow
  private let input: TensorType
  private let output: Shape

  init(_ window: PoolingWindow, input: TensorType, output: Shape) {
    self.window = window
    self.input = input
    self.output = output
  }

  /// Blocks of channels over all images.
  private var blocks: Int { input.shape[0] * shares(of: input.shape.channels, Self.lanes) }
  private var inputVoxels: Int { input.shape[1] * input.shape[2] * input.shape[3] }
  private var outputVoxels: Int { output[1] * output[2] * output[3] }
  /// Elements of one block of the input.
  var blockCount: Int { inputVoxels * Self.lanes }

  /// y, and for each of its elements the index of the voxel that it comes from in the block.
  func run(
    _ x: UnsafeMutableRawPointer, into y: UnsafeMutableRawPointer, _ winners: UnsafeMutablePointer<Int32>
  ) {
    input.dtype == .bf16 ? run(BrainFloat.self, x, y, winners) : run(Float.self, x, y, winners)
  }

  private func run<Element: StoredElement>(
    _: Element.Type, _ x: UnsafeMutableRawPointer, _ y: UnsafeMutableRawPointer,
    _ winners: UnsafeMutablePointer<Int32>
  ) {
    let source = UnsafePointer(x.assumingMemoryBound(to: Element.self))
    let target = y.assumingMemoryBound(to: Element.self)
    Parallel.forRanges(blocks * output[1], grain: 1) { range in
      for slice in range {
        let (block, d) = slice.quotientAndRemainder(dividingBy: output[1])
        let depths = voxels(under: d, axis: 0)
        var element = slice * output[2] * output[3] * Self.lanes
        for h in 0..<output[2] {
          let heights = voxels(under: h, axis: 1)
          for w in 0..<output[3] {
            findWinners(
              source + block * blockCount, depths, heights, voxels(under: w, axis: 2), winners + element)
            for lane in 0..<Self.lanes {
              target[element + lane] =
                source[block * blockCount + Int(winners[element + lane]) * Self.lanes + lane]
            }
            element += Self.lanes
          }
        }
      }
    }
  }

  private func findWinners<Element: StoredElement>(
    _ x: UnsafePointer<Element>, _ depths: Range<Int>, _ heights: Range<Int>, _ widths: Range<Int>,
    _ winners: UnsafeMutablePointer<Int32>
  ) {
    func index(_ d: Int, _ h: Int, _ w: Int) -> Int { (d * input.shape[2] + h) * input.shape[3] + w }
    let corner = index(depths.lowerBound, heights.lowerBound, widths.lowerBound)
    winners.update(repeating: Int32(corner), count: Self.lanes)
    for d in depths {
      for h in heights {
        for w in widths {
          let voxel = index(d, h, w)
          for lane in 0..<Self.lanes {
            let (new, best) = (
              x[voxel * Self.lanes + lane].number, x[Int(winners[lane]) * Self.lanes + lane].number
            )
            if new > best || new.isNaN && !best.isNaN { winners[lane] = Int32(voxel) }
          }
        }
      }
    }
  }

  /// The voxels of the input that one position of the window covers along one spatial axis.
  private func voxels(under position: Int, axis: Int) -> Range<Int> {
    let first = position * window.axes[axis].stride - window.axes[axis].before
    return max(0, first)..<min(input.shape[axis + 1], first + window.kernel[axis])
  }

  /// dx = the sum of the dy of the windows in which the voxel won.
  ///
  /// - Parameter scratch: `blockCount` floats for each thread.
  func runGradient(
    _ dy: UnsafeMutableRawPointer, _ winners: UnsafePointer<Int32>, into dx: UnsafeMutableRawPointer,
    scratch: UnsafeMutablePointer<Float>, threadCount: Int
  ) {
    func run<Element: StoredElement>(_: Element.Type) {
      let source = UnsafePointer(dy.assumingMemoryBound(to: Element.self))
      let target = dx.assumingMemoryBound(to: Element.self)
      Parallel.forItems(blocks, threadCount: threadCount) { block, thread in
        let sums = scratch + thread * blockCount
        sums.update(repeating: 0, count: blockCount)
        let first = block * outputVoxels * Self.lanes
        for element in first..<first + outputVoxels * Self.lanes {
          sums[Int(winners[element]) * Self.lanes + element % Self.lanes] += source[element].number
        }
        for i in 0..<blockCount { target[block * blockCount + i] = Element(rounding: sums[i]) }
      }
    }
    input.dtype == .bf16 ? run(BrainFloat.self) : run(Float.self)
  }
}
