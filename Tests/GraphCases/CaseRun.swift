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

  /// Every tensor of every run with a name for reports: "run 1, output loss".
  private var tensors: [(name: String, tensor: Tensor)] {
    var tensors: [(String, Tensor)] = []
    for (index, (outputs, persistent)) in zip(outputs, persistent).enumerated() {
      for (name, tensor) in outputs.sorted(by: { $0.key < $1.key }) {
        tensors.append(("run \(index + 1), output \(name)", tensor))
      }
      for (name, tensor) in persistent.sorted(by: { $0.key < $1.key }) {
        tensors.append(("run \(index + 1), parameter \(name)", tensor))
      }
    }
    return tensors
  }

  /// Returns one line for each tensor that differs from the reference's by more than the tolerance.
  public func differences(from reference: CaseRun, tolerance: Float) -> [String] {
    let (found, expected) = (tensors, reference.tensors)
    guard found.map(\.name) == expected.map(\.name) else {
      return ["tensors \(found.map(\.name)) instead of \(expected.map(\.name))"]
    }
    return zip(found, expected).compactMap { found, expected in
      // A loss is a long sum whose terms nearly cancel.
      let allowed = found.name.hasSuffix("output loss") ? max(tolerance, 1e-4) : tolerance
      let difference = found.tensor.difference(from: expected.tensor, tolerance: allowed)
      return difference.map { "\(found.name): \($0)" }
    }
  }
}

extension Tensor {
  /// Returns where and by how much the tensor differs most; nil where nothing differs by more than is allowed.
  ///
  /// - Parameter tolerance: as `GraphCase.tolerance`.
  public func difference(from expected: Tensor, tolerance: Float) -> String? {
    guard type == expected.type else { return "\(type) instead of \(expected.type)" }
    var worst: (index: Int, excess: Float)?
    let scale = expected.scale
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
  private var scale: Float {
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
