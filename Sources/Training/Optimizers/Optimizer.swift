import TensorGraph

/// Which optimiser trains.
public enum OptimizerKind: String, Codable, Sendable, CaseIterable {
  /// TensorFlow 1's centred RMSProp, decay 0.9, epsilon 1e-10: the reference system's.
  case rmsprop
  /// Adam, beta1 0.9, beta2 0.999, epsilon 1e-7.
  case adam
  /// Adam with epsilon 1e-8 and a decay of the weights that does not pass through its moments.
  ///
  /// Source: Loshchilov and Hutter 2019, "Decoupled weight decay regularization", algorithm 2.
  case adamw
  /// Gradient descent with Nesterov momentum.
  case sgd
}

extension OptimizerKind {
  /// Whether the rule is Adam's, which has no momentum to set.
  public var isAdam: Bool { self == .adam || self == .adamw }
}

/// An optimiser with its settings.
public struct Optimizer: Codable, Hashable, Sendable {
  private static let beta1 = 0.9
  private static let beta2 = 0.999

  public var kind: OptimizerKind
  /// For rmsprop and sgd; adam and adamw have their own.
  public var momentum: Double
  /// Gradients are scaled down to this global norm where theirs is larger; nil leaves them.
  public var clipNorm: Double?
  public var lossScale: LossScale
  /// For adamw: each step takes learning rate * weight decay off every weight, biases and batch norms' included. nil,
  /// which earlier versions saved, for 0.
  public var weightDecay: Double?

  public init(
    kind: OptimizerKind, momentum: Double = 0, clipNorm: Double? = nil, lossScale: LossScale = .none,
    weightDecay: Double? = nil
  ) {
    self.kind = kind
    self.momentum = momentum
    self.clipNorm = clipNorm
    self.lossScale = lossScale
    self.weightDecay = weightDecay
  }

  public var rule: OptimizerRule {
    switch kind {
    case .rmsprop: .rmsprop(decay: 0.9, epsilon: 1e-10, momentum: momentum)
    case .adam: .adam(beta1: Self.beta1, beta2: Self.beta2, epsilon: 1e-7)
    case .adamw: .adam(beta1: Self.beta1, beta2: Self.beta2, epsilon: 1e-8)
    case .sgd: .sgd(momentum: momentum, nesterov: momentum != 0)
    }
  }

  /// The weight decay where there is one.
  var decay: Double? {
    guard kind == .adamw, let weightDecay, weightDecay != 0 else { return nil }
    return weightDecay
  }

  /// The state of the optimiser at the start: the slots of each weight, Adam's powers of beta, the loss scale.
  public func initialTensors(weights: [(name: String, type: TensorType)]) -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for (name, type) in weights {
      for slot in rule.slots {
        tensors[Self.slotName(name, slot)] = Tensor(type, repeating: slot.initialValue)
      }
    }
    tensors.merge(lossScale.initialTensors) { first, _ in first }
    if kind.isAdam {
      tensors[Self.beta1PowerName] = Tensor(scalar: Float(Self.beta1))
      tensors[Self.beta2PowerName] = Tensor(scalar: Float(Self.beta2))
    }
    return tensors
  }

  static func slotName(_ weight: String, _ slot: OptimizerSlot) -> String {
    "optimizer/\(weight)/\(slot.name)"
  }

  private static let beta1PowerName = "optimizer/beta1_power"
  private static let beta2PowerName = "optimizer/beta2_power"

  /// The learning rate that the rule is given: Adam's carries the bias correction
  /// sqrt(1 - beta2^t) / (1 - beta1^t), whose powers are state.
  ///
  /// Source: Kingma and Ba 2015, end of section 2.
  func effectiveRate(_ builder: inout GraphBuilder, _ rate: Value) throws(ShapeError) -> Value {
    guard kind.isAdam else { return rate }
    let scalar = TensorType(.f32, .scalar)
    let power1 = builder.parameter(Self.beta1PowerName, .state, scalar)
    let power2 = builder.parameter(Self.beta2PowerName, .state, scalar)
    let one = builder.constant(1)
    let correction = try builder.divide(
      try builder.squareRoot(try builder.subtract(one, power2)), try builder.subtract(one, power1))
    builder.update(power1, with: try builder.multiply(power1, builder.constant(Self.beta1)))
    builder.update(power2, with: try builder.multiply(power2, builder.constant(Self.beta2)))
    return try builder.multiply(rate, correction)
  }
}
