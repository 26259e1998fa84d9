/// How a convolution, or one of its gradients, is computed. All give the same result up to rounding.
public enum ConvolutionAlgorithm: Hashable, Sendable, CustomStringConvertible {
  /// The sum of the products themselves, for all.
  case direct
  /// Winograd's minimal filtering on tiles of so many outputs along depth, height and width.
  case winograd(Int, Int, Int)
  /// A direct kernel for one to four channels on one side: a network's first layer and its last.
  case narrow
  /// A direct kernel for 2x2x2 taps with stride 2: what halves a network's grids, and doubles them.
  case patch

  /// All tiles for which there are kernels.
  static let winogradTiles: [ConvolutionAlgorithm] = [
    .winograd(2, 2, 2), .winograd(2, 4, 4), .winograd(4, 4, 4),
  ]

  public static let all: [ConvolutionAlgorithm] = [.direct] + winogradTiles + [.narrow, .patch]

  /// "direct", "winograd 4x4x4".
  public var description: String {
    switch self {
    case .direct: "direct"
    case .winograd(let depth, let height, let width): "winograd \(depth)x\(height)x\(width)"
    case .narrow: "narrow"
    case .patch: "patch"
    }
  }

  /// The algorithm of a description; nil where there is none.
  public init?(description: String) {
    guard let algorithm = Self.all.first(where: { $0.description == description }) else { return nil }
    self = algorithm
  }
}

/// How an executor chooses the algorithms of its convolutions.
public enum ConvolutionPolicy: Sendable {
  /// The fastest of those that are accurate enough, by times that are measured once for each kind of layer.
  case fastest
  /// The fastest by what was adopted: its choices, then its times; where it has none for a layer, by constants that are
  /// built in for the instruction set. Nothing is measured, so that a model computes the same bits wherever the
  /// processor is of the same kind and the threads are as many.
  case recorded
  /// What adds up the products themselves, by the kernel for few channels or small filters where it suits.
  case exact
  /// This one wherever it is possible, else the direct one.
  case always(ConvolutionAlgorithm)
}
