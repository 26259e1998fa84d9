import TensorGraph

/// Writes the body of a StableHLO function, one operation a line. A method names an operation of the specification, or
/// a few that always go together.
///
/// Source: StableHLO specification, section "Ops"; the text is that of its assembly format.
struct StableHLOWriter {
  private(set) var lines: [String] = []
  private var count = 0

  /// Appends an operation with one result; `text` is all but its name's assignment and the signature.
  mutating func append(_ text: String, _ operands: [HLOValue], _ type: TensorType) -> HLOValue {
    append(text, operands, [type])[0]
  }

  /// Appends an operation with several results, or one.
  mutating func append(_ text: String, _ operands: [HLOValue], _ types: [TensorType]) -> [HLOValue] {
    let name = "%v\(count)"
    count += 1
    let results = types.map(\.stableHLO).joined(separator: ", ")
    let signature =
      "(\(operands.map(\.type.stableHLO).joined(separator: ", "))) -> "
      + (types.count == 1 ? results : "(\(results))")
    lines.append("\(name)\(types.count == 1 ? "" : ":\(types.count)") = \(text) : \(signature)")
    return types.enumerated().map { index, type in
      HLOValue(name: types.count == 1 ? name : "\(name)#\(index)", type: type)
    }
  }

  // MARK: Constants

  mutating func constant(_ value: Double, _ type: TensorType) -> HLOValue {
    let name = "%v\(count)"
    count += 1
    lines.append("\(name) = stablehlo.constant dense<\(type.dtype.literal(value))> : \(type.stableHLO)")
    return HLOValue(name: name, type: type)
  }

  /// The index along one axis at each element.
  mutating func iota(_ shape: Shape, axis: Int) -> HLOValue {
    let name = "%v\(count)"
    count += 1
    let type = TensorType(.i32, shape)
    lines.append("\(name) = stablehlo.iota dim = \(axis) : \(type.stableHLO)")
    return HLOValue(name: name, type: type)
  }

  // MARK: Element by element

  /// An operation whose result is of its operands' type, such as `add`; scalars are repeated.
  mutating func elementwise(_ name: String, _ operands: HLOValue...) -> HLOValue {
    let wide = unified(operands)
    return append("stablehlo.\(name) \(wide.names)", wide, wide[0].type)
  }

  mutating func isFinite(_ x: HLOValue) -> HLOValue {
    append("stablehlo.is_finite \(x.name)", [x], TensorType(.bool, x.shape))
  }

  /// - Parameter direction: EQ, NE, GE, GT, LE or LT.
  mutating func compare(_ x: HLOValue, _ direction: String, _ y: HLOValue) -> HLOValue {
    let wide = unified([x, y])
    let kind =
      switch x.dtype {
      case .f32, .bf16, .f16: "FLOAT"
      case .i32: "SIGNED"
      case .bool: "UNSIGNED"
      }
    return append(
      "stablehlo.compare \(direction), \(wide.names), \(kind)", wide, TensorType(.bool, wide[0].shape))
  }

  mutating func select(_ predicate: HLOValue, _ x: HLOValue, _ y: HLOValue) -> HLOValue {
    let wide = unified([x, y])
    let condition =
      predicate.shape.rank == 0 || predicate.shape == wide[0].shape
      ? predicate : broadcast(predicate, to: wide[0].shape)
    let operands = [condition] + wide
    return append("\"stablehlo.select\"(\(operands.names))", operands, wide[0].type)
  }

  mutating func convert(_ x: HLOValue, to dtype: DType) -> HLOValue {
    if x.dtype == dtype { return x }
    return append("stablehlo.convert \(x.name)", [x], TensorType(dtype, x.shape))
  }

  /// Repeats scalars among the operands so that all have one shape.
  private mutating func unified(_ operands: [HLOValue]) -> [HLOValue] {
    let shape = operands.first { $0.shape.rank > 0 }?.shape ?? .scalar
    return operands.map { $0.shape == shape ? $0 : broadcast($0, to: shape) }
  }

  // MARK: Shape

  /// Repeats a scalar.
  mutating func broadcast(_ x: HLOValue, to shape: Shape) -> HLOValue { broadcast(x, to: shape, axes: []) }

  /// - Parameter axes: ascending.
  mutating func broadcast(_ x: HLOValue, to shape: Shape, axes: [Int]) -> HLOValue {
    append(
      "stablehlo.broadcast_in_dim \(x.name), dims = \(axes)", [x], TensorType(x.dtype, shape))
  }

  /// Repeats one number for each channel, the innermost axis, over the other axes.
  mutating func alongChannels(_ x: HLOValue, _ shape: Shape) -> HLOValue {
    broadcast(x, to: shape, axes: [shape.rank - 1])
  }

  mutating func transpose(_ x: HLOValue, _ permutation: [Int]) -> HLOValue {
    append(
      "stablehlo.transpose \(x.name), dims = \(permutation)", [x],
      TensorType(x.dtype, Shape(permutation.map { x.shape[$0] })))
  }

  mutating func reshape(_ x: HLOValue, to shape: Shape) -> HLOValue {
    append("stablehlo.reshape \(x.name)", [x], TensorType(x.dtype, shape))
  }

  mutating func slice(_ x: HLOValue, start: [Int], limit: [Int]) -> HLOValue {
    let ranges = zip(start, limit).map { "\($0):\($1)" }.joined(separator: ", ")
    return append(
      "stablehlo.slice \(x.name) [\(ranges)]", [x],
      TensorType(x.dtype, Shape(zip(start, limit).map { $1 - $0 })))
  }

  mutating func pad(_ x: HLOValue, before: [Int], after: [Int]) -> HLOValue {
    let zero = constant(0, TensorType(x.dtype, .scalar))
    let interior = before.map { _ in 0 }
    let extents = x.shape.extents.indices.map { before[$0] + x.shape[$0] + after[$0] }
    return append(
      "stablehlo.pad \(x.name), \(zero.name), low = \(before), high = \(after), interior = \(interior)",
      [x, zero], TensorType(x.dtype, Shape(extents)))
  }

  mutating func concatenate(_ parts: [HLOValue], axis: Int) -> HLOValue {
    var type = parts[0].type
    type.shape[axis] = parts.reduce(0) { $0 + $1.shape[axis] }
    return append("stablehlo.concatenate \(parts.names), dim = \(axis)", parts, type)
  }

  mutating func reverse(_ x: HLOValue, axes: [Int]) -> HLOValue {
    append("stablehlo.reverse \(x.name), dims = \(axes)", [x], x.type)
  }
}

extension [HLOValue] {
  var names: String { map(\.name).joined(separator: ", ") }
}
