/// The dtype and the shape of a tensor, both known when the graph is built.
public struct TensorType: Hashable, Sendable, CustomStringConvertible {
  public var dtype: DType
  public var shape: Shape

  public init(_ dtype: DType, _ shape: Shape) {
    self.dtype = dtype
    self.shape = shape
  }

  /// The bytes of the elements in row-major order, without padding.
  public var byteCount: Int { shape.elementCount * dtype.byteCount }

  /// As StableHLO writes it: `tensor<2x32x32x32x1xf32>`.
  public var description: String {
    "tensor<" + (shape.extents.map(String.init) + [dtype.rawValue]).joined(separator: "x") + ">"
  }
}
