import TensorGraph

extension StableHLOWriter {
  /// - Parameters:
  ///   - combine: an operation with two operands.
  ///   - initial: what it leaves as it is.
  mutating func reduce(_ x: HLOValue, _ combine: String, from initial: Double, axes: [Int]) -> HLOValue {
    if axes.isEmpty { return x }
    let start = constant(initial, TensorType(x.dtype, .scalar))
    return append(
      "stablehlo.reduce(\(x.name) init: \(start.name)) applies stablehlo.\(combine) "
        + "across dimensions = \(axes)", [x, start], TensorType(x.dtype, x.shape.without(axes)))
  }

  /// The index of the largest element along an axis, the first on a tie, NaN being the largest.
  ///
  /// Pairs of an element and its index are compared in any order, so a tie is decided by the indices.
  mutating func argmax(_ x: HLOValue, axis: Int) -> HLOValue {
    // Truth values have no least one.
    let x = x.dtype == .bool ? convert(x, to: .i32) : x
    let indices = iota(x.shape, axis: axis)
    let least = constant(x.dtype.leastValue, TensorType(x.dtype, .scalar))
    let last = constant(Double(x.shape[axis]), TensorType(.i32, .scalar))
    let body = HLORegion.firstLargest(x.dtype)
    let shape = x.shape.without([axis])
    return append(
      "\"stablehlo.reduce\"(\([x, indices, least, last].names)) "
        + "<{dimensions = array<i64: \(axis)>}> (\(body))",
      [x, indices, least, last], [TensorType(x.dtype, shape), TensorType(.i32, shape)])[1]
  }

  /// The mean of each tensor over all replicas, in one exchange.
  mutating func allReduceMean(_ x: [HLOValue], replicaCount: Int) -> [HLOValue] {
    if replicaCount == 1 { return x }
    let replicas = (0..<replicaCount).map(String.init).joined(separator: ", ")
    let body = HLORegion.binary("add", x[0].dtype)
    let sums = append(
      "\"stablehlo.all_reduce\"(\(x.names)) <{replica_groups = dense<[[\(replicas)]]> : "
        + "tensor<1x\(replicaCount)xi64>}> (\(body))", x, x.map(\.type))
    let count = constant(Double(replicaCount), TensorType(x[0].dtype, .scalar))
    return sums.map { elementwise("divide", $0, count) }
  }
}

extension Shape {
  /// The shape less some axes.
  func without(_ axes: [Int]) -> Shape {
    Shape((0..<rank).filter { !axes.contains($0) }.map { self[$0] })
  }
}

/// The functions that reductions and windows apply, as StableHLO writes them in line.
enum HLORegion {
  /// An operation on two scalars.
  static func binary(_ name: String, _ dtype: DType) -> String {
    let type = TensorType(dtype, .scalar).stableHLO
    return """
      {
          ^bb0(%a: \(type), %b: \(type)):
            %c = stablehlo.\(name) %a, %b : \(type)
            stablehlo.return %c : \(type)
        }
      """
  }

  /// Whether the first of two scalars stays chosen: it is not smaller, or NaN.
  static func staysLargest(_ dtype: DType) -> String {
    let type = TensorType(dtype, .scalar).stableHLO
    return """
      {
          ^bb0(%a: \(type), %b: \(type)):
            %ge = stablehlo.compare GE, %a, %b, FLOAT : (\(type), \(type)) -> tensor<i1>
            %nan = stablehlo.compare NE, %a, %a, FLOAT : (\(type), \(type)) -> tensor<i1>
            %c = stablehlo.or %ge, %nan : tensor<i1>
            stablehlo.return %c : tensor<i1>
        }
      """
  }

  /// Of two pairs of an element and its index the one that comes first among the largest.
  static func firstLargest(_ dtype: DType) -> String {
    let type = TensorType(dtype, .scalar).stableHLO
    let kind = dtype == .i32 ? "SIGNED" : "FLOAT"
    func compare(_ name: String, _ direction: String, _ x: String, _ y: String) -> String {
      "\(name) = stablehlo.compare \(direction), \(x), \(y), \(kind) : (\(type), \(type)) -> tensor<i1>"
    }
    return """
      {
          ^bb0(%a: \(type), %i: tensor<i32>, %b: \(type), %j: tensor<i32>):
            \(compare("%gt", "GT", "%a", "%b"))
            \(compare("%eq", "EQ", "%a", "%b"))
            \(compare("%an", "NE", "%a", "%a"))
            \(compare("%bn", "NE", "%b", "%b"))
            %first = stablehlo.compare LT, %i, %j, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
            %numbered = stablehlo.not %bn : tensor<i1>
            %over = stablehlo.and %an, %numbered : tensor<i1>
            %larger = stablehlo.or %gt, %over : tensor<i1>
            %both = stablehlo.and %an, %bn : tensor<i1>
            %same = stablehlo.or %eq, %both : tensor<i1>
            %tie = stablehlo.and %same, %first : tensor<i1>
            %keep = stablehlo.or %larger, %tie : tensor<i1>
            %v = stablehlo.select %keep, %a, %b : tensor<i1>, \(type)
            %k = stablehlo.select %keep, %i, %j : tensor<i1>, tensor<i32>
            stablehlo.return %v, %k : \(type), tensor<i32>
        }
      """
  }
}
