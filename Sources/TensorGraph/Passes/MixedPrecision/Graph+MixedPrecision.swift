/// What the mixed-precision rewrite did to a graph.
public struct MixedPrecisionReport: Hashable, Sendable, CustomStringConvertible {
  public var dtype: DType
  /// Nodes by operation name that run in half precision.
  public var halfOperations: [String: Int] = [:]
  /// Nodes of the graph before the rewrite.
  public var operationCount: Int
  /// Casts before and after.
  public var castsBefore: Int
  public var castsAfter = 0

  public var description: String {
    let count = halfOperations.values.reduce(0, +)
    let names = halfOperations.sorted { $0.key < $1.key }.map { "  \($0.key) \($0.value)" }
    let header =
      "\(count) of \(operationCount) operations in \(dtype.rawValue), casts \(castsBefore) before and "
      + "\(castsAfter) after"
    return ([header] + names).joined(separator: "\n")
  }
}

extension Graph {
  /// Returns the graph rewritten for mixed precision: the same computation with some nodes in half precision.
  ///
  /// Parameters, outputs and updates keep their types: weights stay float32 masters, gradients reach the
  /// optimiser in float32. A value is cast at most once, however many nodes want it; constants are made in the
  /// dtype that is wanted.
  ///
  /// - Parameter dtype: bf16 or f16.
  /// - Throws: `ShapeError` when the graph is not well formed.
  public func mixedPrecision(
    _ dtype: DType
  ) throws(ShapeError) -> (graph: Graph, report: MixedPrecisionReport) {
    precondition(dtype == .bf16 || dtype == .f16, "mixed precision is with bf16 or f16")
    var rewrite = MixedPrecisionRewrite(self, dtype)
    return try rewrite.run()
  }
}

/// The graph under reconstruction.
private struct MixedPrecisionRewrite {
  private let source: Graph
  private let dtype: DType
  private let isHalf: [Bool]
  private var translation: GraphTranslation
  /// Each value in the other dtype, once somebody has asked for it.
  private var casts: [Value: Value] = [:]
  /// Constants of the source, by value.
  private var constants: [Value: Double] = [:]
  private var report: MixedPrecisionReport

  init(_ source: Graph, _ dtype: DType) {
    self.source = source
    self.dtype = dtype
    isHalf = PrecisionColoring(source).isHalf
    translation = GraphTranslation(source)
    report = MixedPrecisionReport(
      dtype: dtype, operationCount: source.nodes.count, castsBefore: Self.castCount(source))
  }

  private static func castCount(_ graph: Graph) -> Int {
    graph.nodes.count {
      if case .cast = $0.operation { return true }
      return false
    }
  }

  mutating func run() throws(ShapeError) -> (graph: Graph, report: MixedPrecisionReport) {
    for (index, node) in source.nodes.enumerated() { try rebuild(node, inHalf: isHalf[index]) }
    for kept in source.outputs.map(\.value) + source.updates.map(\.value) {
      translation[kept] = try value(kept, as: source.type(of: kept).dtype)
    }
    let graph = translation.finished().removingDeadNodes()
    report.castsAfter = Self.castCount(graph)
    return (graph, report)
  }

  private mutating func rebuild(_ node: Node, inHalf: Bool) throws(ShapeError) {
    if case .constant(let number, _) = node.operation { constants[node.result] = number }
    var operands: [Value] = []
    for (position, operand) in node.operands.enumerated() {
      let type = source.type(of: operand)
      let isNarrowed = inHalf && type.dtype == .f32 && !node.operation.keepsFloat32(operand: position)
      operands.append(try value(operand, as: isNarrowed ? dtype : type.dtype))
    }
    if inHalf { report.halfOperations[node.operation.name, default: 0] += 1 }
    translation.replace(node, with: try translation.builder.apply(node.operation, operands))
  }

  /// What a value of the source became, in the given dtype.
  private mutating func value(_ old: Value, as wanted: DType) throws(ShapeError) -> Value {
    let new = translation[old]
    if translation.builder.type(of: new).dtype == wanted { return new }
    if let cast = casts[new] { return cast }
    let cast: Value
    if let number = constants[old] {
      let type = TensorType(wanted, translation.builder.shape(of: new))
      cast = translation.builder.constant(number, type)
    } else {
      cast = try translation.builder.cast(new, to: wanted)
    }
    casts[new] = cast
    return cast
  }
}
