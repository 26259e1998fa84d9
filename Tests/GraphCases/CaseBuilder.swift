import SeededRandom
import TensorGraph

/// Builds a graph together with the content of its parameters.
struct CaseBuilder {
  static let gradientPrefix = "gradient/"

  var builder: GraphBuilder
  /// 0 wants equality.
  var tolerance: Float = 1e-5
  var difference = FiniteDifference()
  private let name: String
  private var random: SplitMix64
  private var inputs: [String: Tensor] = [:]
  private var state: [String: Tensor] = [:]
  private var names: [Value: String] = [:]

  init(_ name: String) {
    self.name = name
    builder = GraphBuilder(name: name)
    random = SplitMix64(seed: name.utf8.stableHash)
  }

  func finished() -> GraphCase {
    GraphCase(
      name: name, graph: builder.graph, inputs: inputs, state: state, tolerance: tolerance,
      difference: difference)
  }

  // MARK: Parameters

  mutating func input(
    _ name: String, _ shape: Shape, _ content: Content = .symmetric, dtype: DType = .f32
  ) -> Value {
    parameter(name, .input, TensorType(dtype, shape), content)
  }

  mutating func weight(_ name: String, _ shape: Shape, _ content: Content = .symmetric) -> Value {
    parameter(name, .weight, TensorType(.f32, shape), content)
  }

  mutating func state(
    _ name: String, _ shape: Shape, _ content: Content = .symmetric, dtype: DType = .f32
  ) -> Value {
    parameter(name, .state, TensorType(dtype, shape), content)
  }

  private mutating func parameter(
    _ name: String, _ kind: ParameterKind, _ type: TensorType, _ content: Content
  ) -> Value {
    let value = builder.parameter(name, kind, type)
    let elements = content.elements(type.shape.elementCount, &random)
    let tensor = Tensor(type, elements.map { $0.rounded(to: type.dtype) })
    if kind.isPersistent { state[name] = tensor } else { inputs[name] = tensor }
    names[value] = name
    return value
  }

  /// Rewrites the graph as mixed precision does; nothing is appended afterwards.
  mutating func rewriteForMixedPrecision(_ dtype: DType) throws {
    builder = GraphBuilder(try builder.graph.mixedPrecision(dtype).graph)
  }

  // MARK: Outputs

  /// Gives a result back, and the gradients of `sum(result * random weights)` with respect to parameters.
  mutating func differentiate(_ result: Value, _ parameters: Value...) throws {
    builder.output("result", result)
    let type = builder.type(of: result)
    let weights = input("cotangent", type.shape)
    let wide = type.dtype == .f32 ? result : try builder.cast(result, to: .f32)
    let loss = try builder.reduceSum(try builder.multiply(wide, weights))
    try differentiate(loss: loss, parameters)
  }

  /// As `differentiate`, for gradients that half precision rounds on the way: backends compare them, finite differences do
  /// not.
  mutating func differentiateRounded(_ result: Value, _ parameters: [Value]) throws {
    let wide = try builder.cast(result, to: .f32)
    builder.output("result", wide)
    let weights = input("cotangent", builder.shape(of: wide))
    let loss = try builder.reduceSum(try builder.multiply(wide, weights))
    let gradients = try builder.gradients(of: loss, withRespectTo: parameters)
    for (parameter, gradient) in zip(parameters, gradients) {
      builder.output("rounded gradient/" + names[parameter]!, gradient)
    }
  }

  /// Gives a loss back and its gradients with respect to parameters.
  mutating func differentiate(loss: Value, _ parameters: [Value]) throws {
    builder.output("loss", loss)
    let gradients = try builder.gradients(of: loss, withRespectTo: parameters)
    for (parameter, gradient) in zip(parameters, gradients) {
      builder.output(Self.gradientPrefix + names[parameter]!, gradient)
    }
  }
}
