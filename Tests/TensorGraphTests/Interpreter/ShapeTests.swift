import TensorGraph
import Testing

@Suite struct ShapeTests {
  private let x = Tensor([2, 3], [1, 2, 3, 4, 5, 6])

  @Test func concatenate() throws {
    let rows = try evaluate(.concatenate(axis: 0), x, Tensor([1, 3], [7, 8, 9]))
    #expect(rows == [Tensor([3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9])])
    let columns = try evaluate(.concatenate(axis: 1), Tensor([2, 1], [0, 9]), x, Tensor([2, 1], [7, 8]))
    #expect(columns == [Tensor([2, 5], [0, 1, 2, 3, 7, 9, 4, 5, 6, 8])])
  }

  @Test func slice() throws {
    #expect(try evaluate(.slice(start: [0, 1], limit: [2, 3]), x) == [Tensor([2, 2], [2, 3, 5, 6])])
    #expect(try evaluate(.slice(start: [1, 0], limit: [2, 1]), x) == [Tensor([1, 1], [4])])
  }

  @Test func pad() throws {
    let y = try evaluate(.pad(before: [1, 0], after: [0, 2]), x)
    #expect(y == [Tensor([3, 5], [0, 0, 0, 0, 0, 1, 2, 3, 0, 0, 4, 5, 6, 0, 0])])
  }

  @Test func reshape() throws {
    #expect(try evaluate(.reshape([3, 1, 2]), x) == [Tensor([3, 1, 2], [1, 2, 3, 4, 5, 6])])
  }

  @Test func transpose() throws {
    #expect(try evaluate(.transpose([1, 0]), x) == [Tensor([3, 2], [1, 4, 2, 5, 3, 6])])
    // Result axis i is operand axis permutation[i]: [2, 1, 3] by [2, 0, 1] is [3, 2, 1].
    let y = try evaluate(.transpose([2, 0, 1]), Tensor([2, 1, 3], [1, 2, 3, 4, 5, 6]))
    #expect(y == [Tensor([3, 2, 1], [1, 4, 2, 5, 3, 6])])
  }

  @Test func broadcast() throws {
    let y = Tensor([2], [1, 2])
    #expect(try evaluate(.broadcast([2, 3], axes: [0]), y) == [Tensor([2, 3], [1, 1, 1, 2, 2, 2])])
    #expect(try evaluate(.broadcast([3, 2], axes: [1]), y) == [Tensor([3, 2], [1, 2, 1, 2, 1, 2])])
    #expect(try evaluate(.broadcast([3, 2], axes: [1, 0]), x) == [Tensor([3, 2], [1, 4, 2, 5, 3, 6])])
    let column = Tensor([2, 1], [1, 2])
    #expect(try evaluate(.broadcast([2, 2], axes: [0, 1]), column) == [Tensor([2, 2], [1, 1, 2, 2])])
    #expect(try evaluate(.broadcast([2], axes: []), Tensor(scalar: 7)) == [Tensor([2], [7, 7])])
  }

  @Test func reduceSum() throws {
    #expect(try evaluate(.reduceSum(axes: [0]), x) == [Tensor([3], [5, 7, 9])])
    #expect(try evaluate(.reduceSum(axes: [1]), x) == [Tensor([2], [6, 15])])
    #expect(try evaluate(.reduceSum(axes: [1, 0]), x) == [Tensor(scalar: 21)])
    #expect(try evaluate(.reduceSum(axes: []), x) == [x])
    // In single precision the ones would vanish.
    #expect(try evaluate(.reduceSum(axes: [0]), Tensor([4], [0x1p25, 1, 1, -0x1p25])) == [Tensor(scalar: 2)])
  }

  @Test func oneHot() throws {
    let indices = Tensor(TensorType(.i32, [4]), [1, 0, 3, -1])
    let y = try evaluate(.oneHot(depth: 2, .f32), indices)
    #expect(y == [Tensor([4, 2], [0, 1, 1, 0, 0, 0, 0, 0])])
  }

  @Test func argmax() throws {
    let x = Tensor([2, 3], [1, 5, 5, 4, 0, 6])
    #expect(try evaluate(.argmax(axis: 1), x) == [Tensor(TensorType(.i32, [2]), [1, 2])])
    #expect(try evaluate(.argmax(axis: 0), x) == [Tensor(TensorType(.i32, [3]), [1, 0, 1])])
    let withNaN = Tensor([3], [1, .nan, 9])
    #expect(try evaluate(.argmax(axis: 0), withNaN) == [Tensor(TensorType(.i32, .scalar), [1])])
  }
}
