import TensorGraph

// How weights and state lie on devices: filters, [d, h, w, in, out] in a graph, as [out, d, h, w, in]. That is the order in
// which cuDNN's channels-last convolutions read filters and write their gradients; in any other, XLA would transpose
// each filter before its convolutions and once more for its update. All else lies as graphs have it.

extension TensorType {
  /// The type on a device of weights or state that graphs hold in this type.
  var stored: TensorType { isFilter ? TensorType(dtype, permuted(StableHLOWriter.filterToStored)) : self }

  fileprivate var isFilter: Bool { shape.rank == 5 }

  private func permuted(_ permutation: [Int]) -> Shape { Shape(permutation.map { shape[$0] }) }
}

extension Parameter {
  /// The type of the argument that a program takes for it, where the graph has `type`.
  func typeOnDevice(_ type: TensorType) -> TensorType { kind.isPersistent ? type.stored : type }
}

extension Tensor {
  /// The content as devices hold it.
  var stored: Tensor {
    guard type.isFilter else { return self }
    return Tensor(type.stored, elements.transposed(columns: shape[4]))
  }

  /// The content that devices hold, of what graphs have in a type.
  init(stored: Tensor, as type: TensorType) {
    let elements =
      type.isFilter
      ? stored.elements.transposed(columns: type.shape.elementCount / type.shape[4]) : stored.elements
    self.init(type, elements)
  }
}

extension [Float] {
  /// A matrix, row by row, with rows and columns exchanged.
  fileprivate func transposed(columns: Int) -> [Float] {
    guard !isEmpty else { return [] }
    let rows = count / columns
    return [Float](unsafeUninitializedCapacity: count) { target, initialized in
      for row in 0..<rows {
        for column in 0..<columns { target[column * rows + row] = self[row * columns + column] }
      }
      initialized = count
    }
  }
}

extension StableHLOWriter {
  fileprivate static let filterToStored = [4, 0, 1, 2, 3]
  fileprivate static let storedToFilter = [1, 2, 3, 4, 0]

  /// Weights or state in the graph's type, from what lies on the device.
  mutating func loaded(_ x: HLOValue, as type: TensorType) -> HLOValue {
    type.isFilter ? transpose(x, Self.storedToFilter) : x
  }

  /// What is to lie on the device of weights or state.
  mutating func stored(_ x: HLOValue) -> HLOValue {
    x.type.isFilter ? transpose(x, Self.filterToStored) : x
  }
}
