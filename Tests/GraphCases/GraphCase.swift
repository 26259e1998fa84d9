import TensorGraph

/// A small graph with seeded inputs: what every backend must compute alike.
public struct GraphCase: Sendable, CustomStringConvertible {
  /// Unique; "convolution/16 to 32, kernel 2, stride 2".
  public let name: String
  /// Its output "gradient/x" is the gradient of the output "loss" with respect to the parameter x.
  public let graph: Graph
  /// The content of the inputs and labels.
  public let inputs: [String: Tensor]
  /// The content of the weights and the state before the first run.
  public let state: [String: Tensor]
  /// How far two backends may differ, as a share of the largest magnitude of a float32 tensor; 0 wants equality,
  /// anything else lets bf16 and f16 differ by one unit in the last place.
  public let tolerance: Float
  /// How a finite difference checks the gradients.
  public let difference: FiniteDifference

  public var description: String { name }

  /// Whether a convolution or one of its gradients is in the graph.
  public var hasConvolution: Bool { graph.nodes.contains { $0.operation.isConvolution } }

  /// Whether a device computes the graph: some have no layers in half precision.
  public func isPossible(on executor: any Executor) -> Bool {
    let layers = graph.nodes.filter { $0.operation.isConvolution || $0.operation.isLayer }
    let dtypes = layers.map { graph.type(of: $0.operands[0]).dtype }
    return Set(dtypes).isSubset(of: [.f32] + executor.fastHalfDTypes)
  }

  /// The parameters whose gradients the graph gives, with the outputs that hold them.
  public var gradients: [(parameter: String, output: String)] {
    graph.outputs.compactMap { output in
      guard output.name.hasPrefix(CaseBuilder.gradientPrefix) else { return nil }
      return (String(output.name.dropFirst(CaseBuilder.gradientPrefix.count)), output.name)
    }
  }
}

extension Operation {
  fileprivate var isConvolution: Bool {
    switch self {
    case .convolution, .convolutionInputGradient, .convolutionFilterGradient: true
    default: false
    }
  }

  /// Other layers of a network, which CPUs without half precision have in float32 alone.
  fileprivate var isLayer: Bool {
    switch self {
    case .maxPool, .maxPoolGradient, .biasAdd, .batchNormTraining, .batchNormInference, .batchNormGradient,
      .relu,
      .reluGradient, .prelu, .preluGradient:
      true
    default: false
    }
  }
}

/// The step of a central difference, and how far it may be from the gradient.
public struct FiniteDifference: Sendable {
  /// The step as a share of the parameter's largest magnitude.
  public var step: Float
  /// The largest difference, as a share of the directional derivative's typical magnitude.
  public var tolerance: Float

  public init(step: Float = 1e-2, tolerance: Float = 1e-2) {
    self.step = step
    self.tolerance = tolerance
  }
}

/// Builds a case; the seed of its tensors is the case's name.
/// - Parameter body: declares parameters, appends operations and names outputs.
func graphCase(_ name: String, _ body: (inout CaseBuilder) throws -> Void) -> GraphCase {
  var builder = CaseBuilder(name)
  do { try body(&builder) } catch { preconditionFailure("case \(name): \(error)") }
  return builder.finished()
}
