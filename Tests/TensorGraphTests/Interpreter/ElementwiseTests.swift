import TensorGraph
import Testing

@Suite struct ElementwiseTests {
  @Test(
    arguments: [
      (.negate, [1, -2, 0.5], [-1, 2, -0.5]), (.abs, [1, -2, 0], [1, 2, 0]),
      (.sqrt, [4, 0.25, 2], [2, 0.5, 1.4142135]),
      (.exp, [0, 1, -.infinity], [1, 2.7182817, 0]), (.log, [1, 0, 2], [0, -.infinity, 0.6931472]),
      (.logistic, [0, 1.0986123, -.infinity], [0.5, 0.75, 0]),
      (.isFinite, [1, .infinity, .nan], [1, 0, 0]),
    ] as [(UnaryFunction, [Float], [Float])])
  func unary(_ function: UnaryFunction, _ x: [Float], _ expected: [Float]) throws {
    #expect(try evaluate(.unary(function), Tensor([3], x))[0].elements == expected)
  }

  @Test(
    arguments: [
      (.add, [9, 4, 2]), (.subtract, [5, -8, 6]), (.multiply, [14, -12, -8]), (.divide, [3.5, -1 / 3, -2]),
      (.maximum, [7, 6, 4]), (.minimum, [2, -2, -2]),
    ] as [(BinaryFunction, [Float])])
  func binary(_ function: BinaryFunction, _ expected: [Float]) throws {
    let y = try evaluate(.binary(function), Tensor([3], [7, -2, 4]), Tensor([3], [2, 6, -2]))
    #expect(y == [Tensor([3], expected)])
  }

  @Test func scalarsStandForTensors() throws {
    let x = Tensor([2], [1, 2])
    #expect(try evaluate(.binary(.subtract), x, Tensor(scalar: 3)) == [Tensor([2], [-2, -1])])
    #expect(try evaluate(.binary(.subtract), Tensor(scalar: 3), x) == [Tensor([2], [2, 1])])
    #expect(try evaluate(.binary(.divide), Tensor(scalar: 3), Tensor(scalar: 2)) == [Tensor(scalar: 1.5)])
    #expect(try evaluate(.compare(.less), Tensor(scalar: 1), x)[0].elements == [0, 1])
  }

  @Test func integersDivideTowardsZero() throws {
    let type = TensorType(.i32, [4])
    let y = try evaluate(.binary(.divide), Tensor(type, [7, -7, 7, -7]), Tensor(type, [2, 2, -2, -2]))
    #expect(y == [Tensor(type, [3, -3, -3, 3])])
  }

  @Test(arguments: [BinaryFunction.maximum, .minimum])
  func notANumberSpreads(_ function: BinaryFunction) throws {
    let y = try evaluate(.binary(function), Tensor([2], [.nan, 1]), Tensor([2], [1, .nan]))
    #expect(y[0].elements.allSatisfy { $0.isNaN })
  }

  @Test(
    arguments: [
      (.equal, [0, 1, 0, 0]), (.notEqual, [1, 0, 1, 1]), (.less, [1, 0, 0, 0]), (.lessOrEqual, [1, 1, 0, 0]),
      (.greater, [0, 0, 1, 0]), (.greaterOrEqual, [0, 1, 1, 0]),
    ] as [(Comparison, [Float])])
  func compare(_ comparison: Comparison, _ expected: [Float]) throws {
    let y = try evaluate(.compare(comparison), Tensor([4], [1, 2, 3, .nan]), Tensor([4], [2, 2, 2, .nan]))
    #expect(y == [Tensor(TensorType(.bool, [4]), expected)])
  }

  @Test func select() throws {
    let (a, b) = (Tensor([2], [1, 2]), Tensor([2], [3, 4]))
    let mask = Tensor(TensorType(.bool, [2]), [0, 1])
    #expect(try evaluate(.select, mask, a, b) == [Tensor([2], [3, 2])])
    #expect(try evaluate(.select, mask, a, Tensor(scalar: 9)) == [Tensor([2], [9, 2])])
    #expect(try evaluate(.select, Tensor(TensorType(.bool, .scalar), [1]), a, b) == [a])
  }

  @Test(
    arguments: [
      (.bf16, [1, -2.703125, 0]), (.f16, [1.0029297, -2.6992188, 0]), (.i32, [1, -2, 0]), (.bool, [1, 1, 0]),
      (.f32, [1.003, -2.7, 0]),
    ] as [(DType, [Float])])
  func cast(_ dtype: DType, _ expected: [Float]) throws {
    let y = try evaluate(.cast(dtype), Tensor([3], [1.003, -2.7, 0]))
    #expect(y == [Tensor(TensorType(dtype, [3]), expected)])
  }

  @Test func constant() throws {
    let type = TensorType(.bf16, [2])
    #expect(try evaluate(.constant(0.1, type)) == [Tensor(type, [0.10009765625, 0.10009765625])])
  }
}
