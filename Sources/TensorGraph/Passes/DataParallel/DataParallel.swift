/// How the gradients of a train step travel between replicas.
public struct DataParallel: Hashable, Sendable {
  /// The half-precision dtype in which they travel; nil for float32.
  public var compression: DType?
  /// One all-reduce takes gradients until it has this many bytes: large enough that the latency of the network
  /// matters little, small enough that the first starts early in the backward pass.
  public var bucketByteCount: Int

  public init(compression: DType? = nil, bucketByteCount: Int = 4 << 20) {
    self.compression = compression
    self.bucketByteCount = bucketByteCount
  }
}
