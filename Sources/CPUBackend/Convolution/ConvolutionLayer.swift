import TensorGraph

/// A convolution or one of its gradients without its extents: what the time of an algorithm for a voxel depends on.
///
/// Only what kernels of our own can compute is told apart: filters that are cubes, and one stride for all axes.
struct ConvolutionLayer: Hashable, CustomStringConvertible {
  let direction: ConvolutionProblem.Direction
  /// In which activations are stored.
  let dtype: DType
  /// `[K, K, K, I, O]`.
  let filter: Shape
  let stride: Int

  init(_ problem: ConvolutionProblem) {
    direction = problem.direction
    dtype = problem.input.dtype
    filter = problem.filter
    stride = problem.window.axes[0].stride
  }

  var description: String { "\(direction.rawValue) \(dtype) * \(filter) stride \(stride)" }

  // MARK: Grids that are measured

  /// Multiplications of the direct algorithm, for each thread, up to which the largest grid grows, and beyond which it
  /// is left out: a few milliseconds, and a few tens of them.
  private static let (usualMultiplications, mostMultiplications) = (250_000_000, 500_000_000)
  /// Voxels of the finer grid, of all images, up to which the largest grid grows.
  private static let usualVoxels = 1 << 17

  /// Problems of this layer, from small to large, with an image for each thread.
  ///
  /// On the small one a thread has one tile of the largest kind, or few, so that its time is that of streaming the weights;
  /// on the large one it has as many as it takes at a time, or more.
  func referenceProblems(threadCount: Int) -> [ConvolutionProblem] {
    let large = largeExtents(batch: threadCount)
    let extents = [[4, 4, 4], [8, 8, 8]] + (large.map { [$0] } ?? [])
    return extents.map { problem($0, batch: threadCount) }
  }

  /// Of the output; nil where nothing larger than the medium grid is small enough.
  private func largeExtents(batch: Int) -> [Int]? {
    var extents = [8, 8, 16]
    func multiplications(_ extents: [Int]) -> Int { extents.reduce(filter.elementCount, *) }
    func voxels(_ extents: [Int]) -> Int { extents.reduce(batch) { $0 * $1 * stride } }
    while true {
      let axis = extents.lastIndex(of: extents.min()!)!
      var larger = extents
      larger[axis] *= 2
      guard multiplications(larger) <= Self.usualMultiplications, voxels(larger) <= Self.usualVoxels else {
        break
      }
      extents = larger
    }
    return multiplications(extents) <= Self.mostMultiplications ? extents : nil
  }

  private func problem(_ output: [Int], batch: Int) -> ConvolutionProblem {
    let taps = filter[0]
    let axis =
      stride == 1 ? WindowAxis(before: (taps - 1) / 2, after: taps / 2) : WindowAxis(stride: stride)
    return ConvolutionProblem(
      direction: direction, window: ConvolutionWindow([axis, axis, axis]),
      input: TensorType(dtype, Shape([batch] + output.map { $0 * stride } + [filter[3]])), filter: filter,
      output: Shape([batch] + output + [filter[4]]))
  }
}
