import TensorGraph

/// A moving average of the weights over the steps, with which a model is evaluated and predicts:
///
///     average = d * average + (1 - d) * weight,   d = min(decay, (1 + s) / (10 + s))
///
/// after step s, counted from 0. Batch norm's moving statistics are averaged alike.
///
/// Source: Polyak and Juditsky 1992; the decay's course is that of TensorFlow, `ExponentialMovingAverage`.
public struct WeightAverage: Codable, Hashable, Sendable {
  private static let prefix = "average/"
  static let stepName = "average_step"

  /// At least 0, where the average is the weight itself, and below 1.
  public var decay: Double

  public init(decay: Double) { self.decay = decay }

  /// The name of a parameter's average.
  public static func name(of parameter: String) -> String { prefix + parameter }

  /// The averages at the start, and the count of steps.
  ///
  /// - Parameter tensors: the weights and moving statistics at their start.
  public func initialTensors(_ tensors: [String: Tensor]) -> [String: Tensor] {
    var averages = [Self.stepName: Tensor(scalar: 0)]
    for (name, tensor) in tensors { averages[Self.name(of: name)] = tensor }
    return averages
  }
}

extension GraphBuilder {
  /// Appends the averages' updates, with the parameters' content after this step.
  ///
  /// A step that a loss scale skips counts as one that leaves the weights as they were.
  /// - Parameter parameters: weights and moving statistics that the graph updates.
  public mutating func averagingUpdates(
    _ average: WeightAverage, of parameters: [NamedWeight]
  ) throws(ShapeError) {
    let step = parameter(WeightAverage.stepName, .state, TensorType(.f32, .scalar))
    let ramp = try divide(try add(step, constant(1)), try add(step, constant(10)))
    let rate = try subtract(constant(1), try minimum(constant(average.decay), ramp))
    update(step, with: try add(step, constant(1)))
    for parameter in parameters {
      guard let content = graph.updates.first(where: { $0.parameter == parameter.value })?.value else {
        continue
      }
      let old = self.parameter(
        WeightAverage.name(of: parameter.name), .state, type(of: parameter.value))
      // A step of gradient descent from the average towards the weight.
      let gradient = try subtract(old, content)
      update(
        old,
        with: try apply(
          .optimizerUpdate(.sgd(momentum: 0, nesterov: false)), old, gradient, rate, constant(1)))
    }
  }
}

extension Graph {
  /// The graph with the averages of its weights and states in their stead.
  public func readingAverages() -> Graph {
    var graph = self
    for index in graph.parameters.indices where graph.parameters[index].kind.isPersistent {
      graph.parameters[index].name = WeightAverage.name(of: graph.parameters[index].name)
    }
    return graph
  }
}
