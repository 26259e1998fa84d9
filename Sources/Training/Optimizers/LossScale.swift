import TensorGraph

/// What the loss is multiplied by before the backward pass, so that small gradients survive half precision.
public enum LossScale: Codable, Hashable, Sendable {
  case none
  case fixed(Double)
  /// Starts at 2^15, doubles after 2000 consecutive finite steps, halves (not below 1) after a step whose
  /// gradients are not finite, which is skipped.
  ///
  /// Source: Micikevicius et al. 2018, section 3.2; TensorFlow's `DynamicLossScale`.
  case dynamic

  static let growthInterval = 2_000.0
  static let scaleName = "loss_scale/scale"
  static let goodStepsName = "loss_scale/good_steps"

  /// The state of a dynamic scale at the start.
  public var initialTensors: [String: Tensor] {
    guard self == .dynamic else { return [:] }
    return [Self.scaleName: Tensor(scalar: 32_768), Self.goodStepsName: Tensor(scalar: 0)]
  }
}

extension GraphBuilder {
  /// The scale of this step, a scalar; nil without one.
  mutating func lossScaleValue(_ lossScale: LossScale) -> Value? {
    switch lossScale {
    case .none: nil
    case .fixed(let scale): constant(scale)
    case .dynamic: parameter(LossScale.scaleName, .state, TensorType(.f32, .scalar))
    }
  }

  /// Appends the updates of a dynamic scale and of its count of finite steps.
  mutating func lossScaleUpdates(_ scale: Value, _ isFinite: Value) throws(ShapeError) {
    let goodSteps = parameter(LossScale.goodStepsName, .state, TensorType(.f32, .scalar))
    let count = try add(goodSteps, constant(1))
    let isDue = try compare(count, .greaterOrEqual, constant(LossScale.growthInterval))
    let grown = try select(isDue, try multiply(scale, constant(2)), scale)
    let shrunk = try maximum(try multiply(scale, constant(0.5)), constant(1))
    update(scale, with: try select(isFinite, grown, shrunk))
    let kept = try select(isDue, constant(0), count)
    update(goodSteps, with: try select(isFinite, kept, constant(0)))
  }
}
