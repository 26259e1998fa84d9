/// The extents of a tensor, outermost first. A scalar has none.
///
/// A batch of volumes is `[N, D, H, W, C]`, a convolution's weights `[KD, KH, KW, I, O]`.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
  public var extents: [Int]

  public init(_ extents: [Int]) { self.extents = extents }
  public init(arrayLiteral extents: Int...) { self.extents = extents }

  public static let scalar = Shape([])

  public var rank: Int { extents.count }

  /// The number of elements: the product of the extents, 1 for a scalar.
  public var elementCount: Int { extents.reduce(1, *) }

  public subscript(axis: Int) -> Int {
    get { extents[axis] }
    set { extents[axis] = newValue }
  }

  /// The extent of the innermost axis: the channels of a batch.
  public var channels: Int { extents[rank - 1] }

  /// How many elements lie between neighbours along each axis in row-major order.
  public var rowMajorStrides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * extents[axis + 1]
    }
    return strides
  }

  public var description: String { "[" + extents.map(String.init).joined(separator: ", ") + "]" }
}
