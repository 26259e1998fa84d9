import TensorGraph

// Layers that are compositions of a graph's operations.
extension GraphBuilder {
  /// Appends an instance norm: each channel of each sample has mean 0 and variance 1 over its voxels, then takes a
  /// learned scale and offset.
  ///
  ///     (x - mean) scale / sqrt(variance + epsilon) + offset
  ///
  /// The variance is the biased one, from the centred voxels. Sums, roots and quotients stay float32 in mixed precision.
  /// There are no moving statistics: prediction computes what training does.
  ///
  /// Source: Ulyanov, Vedaldi, Lempitsky 2016, "Instance normalization", equation 2.
  ///
  /// - Parameters:
  ///   - x: `[N, D, H, W, C]`, float32.
  ///   - scale, offset: `[C]`.
  ///   - epsilon: 1e-5, as PyTorch's.
  public mutating func instanceNorm(
    _ x: Value, scale: Value, offset: Value, epsilon: Double = 1e-5
  ) throws(ShapeError) -> Value {
    let shape = shape(of: x)
    let centred = try subtract(x, try repeatedOverVoxels(try meanOverVoxels(x), shape))
    let variance = try meanOverVoxels(try multiply(centred, centred))
    let deviation = try squareRoot(try add(variance, constant(epsilon)))
    let scales = try broadcast(scale, to: [shape[0], shape.channels], axes: [1])
    let factor = try repeatedOverVoxels(try divide(scales, deviation), shape)
    return try biasAdd(try multiply(centred, factor), offset)
  }

  /// The mean of each channel of each sample, `[N, C]`.
  private mutating func meanOverVoxels(_ x: Value) throws(ShapeError) -> Value {
    let shape = shape(of: x)
    let count = shape[1] * shape[2] * shape[3]
    return try multiply(try reduceSum(x, axes: [1, 2, 3]), constant(1 / Double(count)))
  }

  /// One number for each channel of each sample, `[N, C]`, at every voxel of a shape.
  private mutating func repeatedOverVoxels(_ x: Value, _ shape: Shape) throws(ShapeError) -> Value {
    try broadcast(x, to: shape, axes: [0, 4])
  }

  /// Appends a leaky ReLU: x where positive, else slope x.
  ///
  /// The choice is by a predicate, which is all that the gradient needs to keep.
  ///
  /// Source: Maas, Hannun, Ng 2013, "Rectifier nonlinearities improve neural network acoustic models", section 2.1;
  /// the slope is theirs and PyTorch's.
  ///
  /// - Parameter x: float32, of any shape.
  public mutating func leakyReLU(_ x: Value, slope: Double = 0.01) throws(ShapeError) -> Value {
    try select(try compare(x, .greater, constant(0)), x, try multiply(x, constant(slope)))
  }
}
