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
    let work = DirectConvolutionWork(self, directKernel(set)!, threadCount: threadCount)
    return isGradient ? work.correlatedMultiplicationsPerThread : work.convolvedMultiplicationsPerThread
  }
}

/// `count / parts`, rounded up.
func shares(of count: Int, _ parts: Int) -> Int { count > 0 ? (count + parts - 1) / parts : 0 }

/// The least number of parts with which threads that share `parts * count` items have work for nine tenths of the time, up
/// to four times what gives each an item; where there is none, what gives each an item.
func balancedParts(of count: Int, _ threadCount: Int) -> Int {
  let least = shares(of: threadCount, count)
  return (least...4 * least).first { parts in
    10 * parts * count >= 9 * threadCount * shares(of: parts * count, threadCount)
  } ?? least
}
