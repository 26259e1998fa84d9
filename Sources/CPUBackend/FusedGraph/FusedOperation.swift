import TensorGraph

/// What can be an operation of a fused graph: it names the values that it reads and computes, and appends the steps
/// that compute them to a plan. Its pattern lies in its file, too.
protocol Fusion: ValueFlow {
  func lower(_ compiler: GraphCompiler) throws
}

/// What an operation of a fused graph computes. The set is closed.
enum FusedOperation: ValueFlow {
  case convolution(FusedConvolution)
  case filterGradient(FusedFilterGradient)
  case batchNorm(FusedBatchNorm)
  case batchNormGradient(FusedBatchNormGradient)
  case maxPool(FusedMaxPool)
  case maxPoolGradient(FusedMaxPoolGradient)
  case sumOfSquares(SumOfSquares)
  case channelAddition(ChannelAddition)
  case lossRows(LossRows)
  case elementwise(ElementwiseChain)
  /// An operation of the graph by itself.
  case plain(Node)

  /// A node by itself.
  init(_ node: Node, _ graph: inout FusedGraph) {
    switch node.operation {
    case .convolution(let window), .convolutionInputGradient(let window, _):
      self = .convolution(FusedConvolution(node: node, window: window))
    case .convolutionFilterGradient(let window, _):
      self = .filterGradient(FusedFilterGradient(node: node, window: window))
    case .batchNormTraining(let epsilon):
      self = .batchNorm(FusedBatchNorm(node, epsilon: epsilon))
    case .batchNormGradient(let epsilon):
      self = .batchNormGradient(FusedBatchNormGradient(node, epsilon: epsilon, &graph))
    case .maxPool(let window):
      self = .maxPool(FusedMaxPool(node, window, &graph))
    case .maxPoolGradient(let window):
      self = .maxPoolGradient(FusedMaxPoolGradient(node, window, &graph))
    case .constant, .biasAdd, .batchNormInference, .relu, .reluGradient, .prelu, .preluGradient, .softmax,
      .softmaxGradient, .unary, .binary, .compare, .select, .cast, .concatenate, .slice, .pad, .reshape,
      .transpose, .broadcast, .reduceSum, .oneHot, .argmax, .allReduceMean, .optimizerUpdate:
      self = .plain(node)
    }
  }

  private var fusion: any Fusion {
    switch self {
    case .convolution(let fusion): fusion
    case .filterGradient(let fusion): fusion
    case .batchNorm(let fusion): fusion
    case .batchNormGradient(let fusion): fusion
    case .maxPool(let fusion): fusion
    case .maxPoolGradient(let fusion): fusion
    case .sumOfSquares(let fusion): fusion
    case .channelAddition(let fusion): fusion
    case .lossRows(let fusion): fusion
    case .elementwise(let fusion): fusion
    case .plain(let node): node
    }
  }

  var operands: [Value] { fusion.operands }
  var results: [Value] { fusion.results }

  /// Appends the steps that compute the results.
  func lower(_ compiler: GraphCompiler) throws { try fusion.lower(compiler) }
}

extension Node: Fusion {
  func lower(_ compiler: GraphCompiler) throws { try compiler.compile(self) }
}
