import TensorGraph

/// The optimisers by name.
public enum OptimizerName: String, Codable, Sendable, CaseIterable {
  case rmsprop
  case adam
  case adamw
  case sgd
}

/// Which optimiser trains, with what each can vary and nothing else.
public enum Optimizer: Codable, Hashable, Sendable {
  /// TensorFlow 1's centred RMSProp, decay 0.9, epsilon 1e-10: the reference system's.
  case rmsprop(momentum: Double = 0)
  /// Adam, beta1 0.9, beta2 0.999, epsilon 1e-7.
  case adam
  /// Adam with epsilon 1e-8 and a decay of the weights that does not pass through its moments: each step takes
  /// learning rate * weight decay off every weight, biases and batch norms' included.
  ///
  /// Source: Loshchilov and Hutter 2019, "Decoupled weight decay regularization", algorithm 2.
  case adamw(weightDecay: Double = 0)
  /// Gradient descent, with Nesterov's momentum where there is one.
  case sgd(momentum: Double = 0)

  /// An optimiser as it is where nothing else is asked for.
  public init(_ name: OptimizerName) {
    switch name {
    case .rmsprop: self = .rmsprop()
    case .adam: self = .adam
    case .adamw: self = .adamw()
    case .sgd: self = .sgd()
    }
  }
}

// What may be set by itself. A part that the optimiser has not is nil; it can neither be added nor taken out.
extension Optimizer {
  /// Which optimiser it is; another one takes over the momentum where it has one, too.
  public var name: OptimizerName {
    get {
      switch self {
      case .rmsprop: .rmsprop
      case .adam: .adam
      case .adamw: .adamw
      case .sgd: .sgd
      }
    }
    set {
      guard newValue != name else { return }
      let before = momentum
      self = Optimizer(newValue)
      if let before, momentum != nil { momentum = before }
    }
  }

  public var momentum: Double? {
    get {
      switch self {
      case .rmsprop(let momentum), .sgd(let momentum): momentum
      case .adam, .adamw: nil
      }
    }
    set {
      guard let newValue else { return precondition(momentum == nil) }
      switch self {
      case .rmsprop: self = .rmsprop(momentum: newValue)
      case .sgd: self = .sgd(momentum: newValue)
      case .adam, .adamw: preconditionFailure("\(name.rawValue) has no momentum to set")
      }
    }
  }

  public var weightDecay: Double? {
    get { if case .adamw(let decay) = self { decay } else { nil } }
    set {
      guard let newValue else { return precondition(weightDecay == nil) }
      guard case .adamw = self else { preconditionFailure("\(name.rawValue) has no weight decay to set") }
      self = .adamw(weightDecay: newValue)
    }
  }
}

extension Optimizer {
  private static let beta1 = 0.9
  private static let beta2 = 0.999

  public var rule: OptimizerRule {
    switch self {
    case .rmsprop(let momentum): .rmsprop(decay: 0.9, epsilon: 1e-10, momentum: momentum)
    case .adam: .adam(beta1: Self.beta1, beta2: Self.beta2, epsilon: 1e-7)
    case .adamw: .adam(beta1: Self.beta1, beta2: Self.beta2, epsilon: 1e-8)
    case .sgd(let momentum): .sgd(momentum: momentum, nesterov: momentum != 0)
    }
  }

  /// Whether the powers of beta, which correct the moments' bias, are state.
  private var hasBiasCorrection: Bool {
    switch self {
    case .adam, .adamw: true
    case .rmsprop, .sgd: false
    }
  }

  /// The state of the optimiser at the start: the slots of each weight, Adam's powers of beta.
  public func initialTensors(weights: [(name: String, type: TensorType)]) -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for (name, type) in weights {
      for slot in rule.slots {
        tensors[Self.slotName(name, slot)] = Tensor(type, repeating: slot.initialValue)
      }
    }
    if hasBiasCorrection {
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
    guard hasBiasCorrection else { return rate }
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
