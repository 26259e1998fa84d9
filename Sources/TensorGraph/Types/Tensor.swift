/// A tensor on the host, in row-major order.
///
/// Elements are held as `Float` whatever the dtype: every bf16 and f16 number is a `Float`, truth values are
/// 0 and 1, and integers are exact up to 2^24, far above any class index.
public struct Tensor: Equatable, Sendable {
  public let type: TensorType
  public var elements: [Float]

  public init(_ type: TensorType, _ elements: [Float]) {
    let count = type.shape.elementCount
    precondition(elements.count == count, "\(type) needs \(count) elements, not \(elements.count)")
    self.type = type
    self.elements = elements
  }

  /// A float32 tensor.
  public init(_ shape: Shape, _ elements: [Float]) { self.init(TensorType(.f32, shape), elements) }

  /// A tensor whose elements all equal `value`.
  public init(_ type: TensorType, repeating value: Float) {
    self.init(type, [Float](repeating: value, count: type.shape.elementCount))
  }

  /// A float32 scalar.
  public init(scalar value: Float) { self.init(.scalar, [value]) }

  public var shape: Shape { type.shape }
}
