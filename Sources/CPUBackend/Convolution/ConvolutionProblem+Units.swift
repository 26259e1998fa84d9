import CPUKernels
import TensorGraph

extension ConvolutionProblem {
  /// How much of an algorithm's own unit of work the busiest thread does, what is wasted at the edges included: tiles,
  /// voxels, or multiplications of the direct algorithm.
  func units(
    of algorithm: ConvolutionAlgorithm, _ set: KernelInstructionSet, threadCount: Int
  ) -> Int {
    let isGradient = direction == .filterGradient
    if let kernel = winogradKernel(algorithm, set) {
      let work = WinogradConvolutionWork(self, kernel, threadCount: threadCount)
      return isGradient ? work.correlatedTilesPerThread : work.convolvedTilesPerThread
    }
    if let kernel = narrowKernel(algorithm, set) {
      return NarrowConvolutionWork(self, kernel, threadCount: threadCount).voxelsPerThread
    }
    if let kernel = patchKernel(algorithm, set) {
      let work = PatchConvolutionWork(self, kernel, threadCount: threadCount)
      return isGradient ? work.correlatedVoxelsPerThread : work.convolvedVoxelsPerThread
    }
    return shares(of: innerMultiplications, threadCount)
  }

  /// Multiplications without those by the padding's zeros, which the direct algorithm skips.
  private var innerMultiplications: Int {
    window.axes.enumerated().reduce(output[0] * filter[3] * filter[4]) { product, entry in
      let (index, axis) = entry
      let meetings = (0..<filter[index]).reduce(0) { count, tap in
        // Outputs o for which the voxel o * stride + tap * dilation - before exists.
        let offset = tap * axis.dilation - axis.before
        let first = max(0, shares(of: -offset, axis.stride))
        let end = min(output[index + 1], shares(of: input.shape[index + 1] - offset, axis.stride))
        return count + max(0, end - first)
      }
      return product * meetings
    }
  }
}

/// `count / parts`, rounded up.
func shares(of count: Int, _ parts: Int) -> Int { count > 0 ? (count + parts - 1) / parts : 0 }
