import CPUKernels
import TensorGraph

/// A convolution or one of its gradients, as far as the choice of an algorithm depends on it.
struct ConvolutionProblem: Hashable, CustomStringConvertible {
  enum Direction: String {
    case forward
    case inputGradient = "input gradient"
    case filterGradient = "filter gradient"
  }

  var direction: Direction
  var window: ConvolutionWindow
  /// Of the convolution's input, `[N, D, H, W, I]`, and the dtype in which activations are stored.
  var input: TensorType
  /// `[KD, KH, KW, I, O]`.
  var filter: Shape
  /// Of the convolution's output, `[N, D', H', W', O]`.
  var output: Shape

  var description: String {
    let axes = window.axes.map { "\($0.stride),\($0.before),\($0.after),\($0.dilation)" }
    return "\(direction.rawValue) \(input) * \(filter) window \(axes.joined(separator: " "))"
  }

  /// Multiplications of the direct algorithm.
  var multiplications: Int { output.elementCount * filter.elementCount / max(1, filter.channels) }

  /// The algorithms that compute this, the direct one first.
  func algorithms(_ set: KernelInstructionSet) -> [ConvolutionAlgorithm] {
    ConvolutionAlgorithm.all.filter { algorithm in
      algorithm == .direct || winogradKernel(algorithm, set) != nil || narrowKernel(algorithm, set) != nil
        || patchKernel(algorithm, set) != nil
    }
  }

  /// A cube as filter that moves by one voxel.
  private var suitsKernels: Bool {
    let taps = filter[0]
    return filter[1] == taps && filter[2] == taps
      && window.axes.allSatisfy { $0.stride == 1 && $0.dilation == 1 && $0.before < taps }
  }

  /// The kernel of a Winograd algorithm for this; nil where there is none.
  func winogradKernel(
    _ algorithm: ConvolutionAlgorithm, _ set: KernelInstructionSet
  ) -> UnsafePointer<WinogradKernel>? {
    guard case .winograd(let depth, let height, let width) = algorithm else { return nil }
    guard suitsKernels else { return nil }
    return CPUKernels.winogradKernel(set, Int64(filter[0]), Int64(depth), Int64(height), Int64(width))
  }

  /// The kernels of narrow convolution where that is the algorithm and they compute this.
  func narrowKernel(
    _ algorithm: ConvolutionAlgorithm, _ set: KernelInstructionSet
  ) -> UnsafePointer<NarrowKernel>? {
    let isNarrow = (1...4).contains(min(filter[3], filter[4])) && [1, 3, 5].contains(filter[0])
    guard algorithm == .narrow, suitsKernels, isNarrow else { return nil }
    return CPUKernels.narrowKernel(set)
  }

  /// The kernels of patch convolution where that is the algorithm and they compute this.
  func patchKernel(
    _ algorithm: ConvolutionAlgorithm, _ set: KernelInstructionSet
  ) -> UnsafePointer<PatchKernel>? {
    let isPatch = (1...3).allSatisfy { axis in
      filter[axis - 1] == 2 && input.shape[axis] == 2 * output[axis]
        && window.axes[axis - 1] == WindowAxis(stride: 2)
    }
    guard algorithm == .patch, isPatch else { return nil }
    return CPUKernels.patchKernel(set)
  }

  /// Blocks of 16 channels of the layer's input and output.
  var kernelBlocks: (input: Int64, output: Int64) {
    (Int64((filter[3] + 15) / 16), Int64((filter[4] + 15) / 16))
  }

  /// The convolution that the kernels compute: for the input gradient that of dy with the reversed filter.
  var kernelShape: KernelConvolution {
    let before = window.axes.map { Int64($0.before) }
    var shape = KernelConvolution(
      batch: Int64(output[0]), inputBlocks: kernelBlocks.input, outputBlocks: kernelBlocks.output,
      input: layerExtents.input, output: layerExtents.output, before: (before[0], before[1], before[2]))
    if direction == .inputGradient {
      let last = Int64(filter[0] - 1)
      swap(&shape.input, &shape.output)
      swap(&shape.inputBlocks, &shape.outputBlocks)
      shape.before = (last - before[0], last - before[1], last - before[2])
    }
    return shape
  }

  /// The extents of the layer's input and output along depth, height and width.
  var layerExtents: (input: (Int64, Int64, Int64), output: (Int64, Int64, Int64)) {
    func extents(_ shape: Shape) -> (Int64, Int64, Int64) {
      (Int64(shape[1]), Int64(shape[2]), Int64(shape[3]))
    }
    return (extents(input.shape), extents(output))
  }
}

extension DType {
  /// How kernels of our own store activations of this dtype.
  var kernelStorage: KernelStorage { self == .bf16 ? KernelBFloat16 : KernelFloat32 }
}
