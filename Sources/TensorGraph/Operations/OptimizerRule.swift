/// How an optimiser turns a gradient into a new weight. Symbols: w weight, g gradient times the gradient
/// scale, lr learning rate. A gradient scale of 0 skips the step: weight and slots stay as they are.
public enum OptimizerRule: Hashable, Sendable {
  /// Stochastic gradient descent; slot `velocity` when momentum is not 0.
  ///
  ///     v = momentum * v + g
  ///     w = w - lr * v                     (plain)
  ///     w = w - lr * (g + momentum * v)    (Nesterov)
  ///
  /// Source: TensorFlow 1, `MomentumOptimizer`.
  case sgd(momentum: Double, nesterov: Bool)

  /// Centred RMSProp; slots `mean_square` (starts at one), `mean_gradient` (zero) and, when momentum is not 0,
  /// `momentum` (zero).
  ///
  ///     ms = decay * ms + (1 - decay) * g^2
  ///     mg = decay * mg + (1 - decay) * g
  ///     step = lr * g / sqrt(ms - mg^2 + epsilon)
  ///     w = w - step      or, with momentum:   mom = momentum * mom + step;  w = w - mom
  ///
  /// Source: TensorFlow 1, `RMSPropOptimizer(centered=True)`; Tieleman and Hinton, lecture 6.5; Graves 2013.
  case rmsprop(decay: Double, epsilon: Double, momentum: Double)

  /// Adam; slots `first_moment` and `second_moment` (zero). `lr` carries the bias correction
  /// sqrt(1 - beta2^t) / (1 - beta1^t).
  ///
  ///     m = beta1 * m + (1 - beta1) * g
  ///     v = beta2 * v + (1 - beta2) * g^2
  ///     w = w - lr * m / (sqrt(v) + epsilon)
  ///
  /// Source: Kingma and Ba 2015, section 2, the efficient form; TensorFlow 1, `AdamOptimizer`.
  case adam(beta1: Double, beta2: Double, epsilon: Double)

  /// The names of the state that the rule keeps beside each weight, each of the weight's type.
  public var slots: [OptimizerSlot] {
    switch self {
    case .sgd(let momentum, _):
      momentum == 0 ? [] : [OptimizerSlot(name: "velocity", initialValue: 0)]
    case .rmsprop(_, _, let momentum):
      [
        OptimizerSlot(name: "mean_square", initialValue: 1),
        OptimizerSlot(name: "mean_gradient", initialValue: 0),
      ] + (momentum == 0 ? [] : [OptimizerSlot(name: "momentum", initialValue: 0)])
    case .adam:
      [
        OptimizerSlot(name: "first_moment", initialValue: 0),
        OptimizerSlot(name: "second_moment", initialValue: 0),
      ]
    }
  }
}

/// State that an optimiser keeps for each weight.
public struct OptimizerSlot: Hashable, Sendable {
  public var name: String
  public var initialValue: Float
}
