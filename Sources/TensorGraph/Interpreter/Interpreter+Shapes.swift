// Every operation here is a walk over one tensor in row-major order beside a walk over another by strides.
extension Interpreter {
  /// The offsets `start + sum(index[a] * strides[a])` of all indices of `shape`, in row-major order.
  private static func offsets(_ shape: Shape, _ strides: [Int], start: Int = 0) -> [Int] {
    zip(shape.extents, strides).reduce([start]) { offsets, axis in
      let (extent, stride) = axis
      return offsets.flatMap { offset in (0..<extent).map { offset + $0 * stride } }
    }
  }

  /// The offset of an index.
  private static func offset(_ index: [Int], _ strides: [Int]) -> Int {
    zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 }
  }

  static func slice(_ x: Tensor, _ start: [Int], _ type: TensorType) -> Tensor {
    let strides = x.shape.rowMajorStrides
    return Tensor(type, offsets(type.shape, strides, start: offset(start, strides)).map { x.elements[$0] })
  }

  static func transpose(_ x: Tensor, _ permutation: [Int], _ type: TensorType) -> Tensor {
    let strides = x.shape.rowMajorStrides
    return Tensor(type, offsets(type.shape, permutation.map { strides[$0] }).map { x.elements[$0] })
  }

  static func broadcast(_ x: Tensor, _ axes: [Int], _ type: TensorType) -> Tensor {
    var strides = [Int](repeating: 0, count: type.shape.rank)
    for (axis, target) in axes.enumerated() where x.shape[axis] != 1 {
      strides[target] = x.shape.rowMajorStrides[axis]
    }
    return Tensor(type, offsets(type.shape, strides).map { x.elements[$0] })
  }

  static func pad(_ x: Tensor, _ before: [Int], _ type: TensorType) -> Tensor {
    var y = Tensor(type, repeating: 0)
    let strides = type.shape.rowMajorStrides
    for (index, offset) in offsets(x.shape, strides, start: offset(before, strides)).enumerated() {
      y.elements[offset] = x.elements[index]
    }
    return y
  }

  static func concatenate(_ parts: [Tensor], _ axis: Int, _ type: TensorType) -> Tensor {
    var y = Tensor(type, repeating: 0)
    let strides = type.shape.rowMajorStrides
    var start = 0
    for part in parts {
      for (index, offset) in offsets(part.shape, strides, start: start * strides[axis]).enumerated() {
        y.elements[offset] = part.elements[index]
      }
      start += part.shape[axis]
    }
    return y
  }

  static func reduceSum(_ x: Tensor, _ axes: [Int], _ type: TensorType) -> Tensor {
    var sums = [Double](repeating: 0, count: type.shape.elementCount)
    for (index, offset) in offsets(x.shape, stridesOfRest(type.shape, without: axes)).enumerated() {
      sums[offset] += Double(x.elements[index])
    }
    return Tensor(type, rounding: sums)
  }

  static func argmax(_ x: Tensor, _ axis: Int, _ type: TensorType) -> Tensor {
    let stride = x.shape.rowMajorStrides[axis]
    var best = [Int?](repeating: nil, count: type.shape.elementCount)
    for (index, offset) in offsets(x.shape, stridesOfRest(type.shape, without: [axis])).enumerated() {
      if let found = best[offset], !isLarger(x.elements[index], than: x.elements[found]) { continue }
      best[offset] = index
    }
    return Tensor(type, best.map { Float($0! / stride % x.shape[axis]) })
  }

  /// Row-major strides of `rest`, which is a shape less some axes, with 0 put in for those.
  private static func stridesOfRest(_ rest: Shape, without axes: [Int]) -> [Int] {
    var strides = rest.rowMajorStrides
    for axis in axes.sorted() { strides.insert(0, at: axis) }
    return strides
  }

  /// An index outside `0 ..< depth` gives a row of zeros.
  static func oneHot(_ x: Tensor, _ depth: Int, _ type: TensorType) -> Tensor {
    Tensor(type, x.elements.flatMap { index in (0..<depth).map { Float($0) == index ? 1 : 0 } })
  }
}
