import TensorGraph

/// What a case's runs, one after the other on one executor, gave.
public struct CaseRun: Sendable {
  /// The outputs of each run.
  public var outputs: [[String: Tensor]] = []
  /// The weights and the state after each run.
  public var persistent: [[String: Tensor]] = []

  /// Runs a case on a fresh executor.
  /// - Throws: what the executor throws.
  public init(_ graphCase: GraphCase, on executor: any Executor, count: Int = 2) throws {
    let executable = try executor.compile(graphCase.graph)
    try executor.load(graphCase.state)
    for _ in 0..<count {
      outputs.append(try executable.run(graphCase.inputs))
      persistent.append(try executor.fetch(graphCase.state.keys.sorted()))
    }
  }

  /// Every tensor of every run with a name for reports, "run 1, output loss", and the magnitude that its rounding is in
  /// proportion to.
  private var tensors: [(name: String, tensor: Tensor, scale: Float)] {
    var tensors: [(String, Tensor, Float)] = []
    for (index, (outputs, persistent)) in zip(outputs, persistent).enumerated() {
      for (name, tensor) in outputs.sorted(by: { $0.key < $1.key }) {
        let scale = name == "loss" ? max(tensor.scale, Self.sumScale(of: outputs["result"])) : tensor.scale
        tensors.append(("run \(index + 1), output \(name)", tensor, scale))
      }
      for (name, tensor) in persistent.sorted(by: { $0.key < $1.key }) {
        tensors.append(("run \(index + 1), parameter \(name)", tensor, tensor.scale))
      }
    }
    return tensors
  }

  /// How large a sum of a result's elements with random signs is expected to be: a loss is such a sum, which may nearly cancel
  /// where its rounding does not.
  private static func sumScale(of result: Tensor?) -> Float {
    result.map { $0.scale * Float($0.type.shape.elementCount).squareRoot() } ?? 0
  }

  /// Returns one line for each tensor that differs from the reference's by more than the tolerance.
  public func differences(from reference: CaseRun, tolerance: Float) -> [String] {
    let (found, expected) = (tensors, reference.tensors)
    guard found.map(\.name) == expected.map(\.name) else {
      return ["tensors \(found.map(\.name)) instead of \(expected.map(\.name))"]
    }
    return zip(found, expected).compactMap { found, expected in
      let difference = found.tensor.difference(
        from: expected.tensor, tolerance: tolerance, scale: expected.scale)
      return difference.map { "\(found.name): \($0)" }
    }
  }
}

extension Tensor {
  /// Returns where and by how much the tensor differs most; nil where nothing differs by more than is allowed.
  ///
  /// - Parameters:
  ///   - tolerance: as `GraphCase.tolerance`.
  ///   - scale: what the tolerance of float32 is a part of; by default the largest magnitude that is expected.
  public func difference(from expected: Tensor, tolerance: Float, scale: Float? = nil) -> String? {
    guard type == expected.type else { return "\(type) instead of \(expected.type)" }
    var worst: (index: Int, excess: Float)?
    let scale = scale ?? expected.scale
    for (index, (x, y)) in zip(elements, expected.elements).enumerated() {
      let excess = distance(x, y) - type.dtype.allowance(of: y, scale, tolerance)
      if excess > worst?.excess ?? 0 { worst = (index, excess) }
    }
    return worst.map { worst in
      "element \(worst.index) of \(type) is \(elements[worst.index]) instead of "
        + "\(expected.elements[worst.index]), where the largest is \(scale)"
    }
  }

  /// The largest finite magnitude; at least 1 for a scalar, which may be a sum that nearly cancels.
  fileprivate var scale: Float {
    let largest = elements.reduce(0) { $1.isFinite ? max($0, $1.magnitude) : $0 }
    return shape.rank == 0 ? max(1, largest) : largest
  }
}

/// The distance of two elements; infinite where one is NaN or infinite and the other is something else.
private func distance(_ x: Float, _ y: Float) -> Float {
  if x == y || (x.isNaN && y.isNaN) { return 0 }
  let distance = (x - y).magnitude
  return distance.isNaN ? .infinity : distance
}

extension DType {
  /// How far an element may be from the expected one.
  fileprivate func allowance(of expected: Float, _ scale: Float, _ tolerance: Float) -> Float {
    guard tolerance > 0, expected.isFinite else { return 0 }
    switch self {
    case .f32: return tolerance * scale
    case .bf16: return max(expected.magnitude, 0x1p-126).binade * 0x1p-7
    case .f16: return max(expected.magnitude, 0x1p-14).binade * 0x1p-10
    case .i32, .bool: return 0
    }
  }
}
