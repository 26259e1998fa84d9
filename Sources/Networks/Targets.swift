import TensorGraph

/// What a network's outputs stand for, and what the labels of voxels say of them.
public struct Targets: Codable, Hashable, Sendable {
  public var outputs: Outputs
  /// Whether there are voxels that count for nothing: those whose label is none of the outputs'.
  public var hasIgnoredVoxels: Bool

  public enum Outputs: Codable, Hashable, Sendable {
    /// One for each class, of which a voxel has one: its label. Softmax makes probabilities of them.
    case classes
    /// One for each region, which may overlap: the labels, all below `labelCount`, whose voxels lie in it. Each has the
    /// logistic function by itself, and none is the background.
    case regions([[Int]], labelCount: Int)
  }

  public init(outputs: Outputs = .classes, hasIgnoredVoxels: Bool = false) {
    self.outputs = outputs
    self.hasIgnoredVoxels = hasIgnoredVoxels
  }

  /// Whether the first output is the background's.
  var hasBackground: Bool {
    switch outputs {
    case .classes: true
    case .regions: false
    }
  }

  /// The fewest outputs that a network can have.
  var leastOutputCount: Int { hasBackground ? 2 : 1 }
}

extension GraphBuilder {
  /// The probabilities `[N, D', H', W', outputs]` of logits of the same shape.
  public mutating func probabilities(of logits: Value, _ targets: Targets) throws(ShapeError) -> Value {
    switch targets.outputs {
    case .classes: try softmax(logits)
    case .regions: try unary(.logistic, logits)
    }
  }
}
