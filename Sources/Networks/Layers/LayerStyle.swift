/// What the layers of a network have in common: how a convolution treats the grid's edge, what follows it, and how its
/// kernels start.
public struct LayerStyle: Hashable, Sendable {
  public var padding: Padding
  public var normalization: Normalization
  public var activation: Activation
  public var weightInitialization: WeightInitialization

  public init(
    padding: Padding, normalization: Normalization, activation: Activation,
    weightInitialization: WeightInitialization
  ) {
    self.padding = padding
    self.normalization = normalization
    self.activation = activation
    self.weightInitialization = weightInitialization
  }
}

/// What a convolution sees beyond the grid's edge.
public enum Padding: String, Codable, Sendable, CaseIterable {
  /// Zeros, so that the grid keeps its size.
  case same
  /// Nothing: the grid shrinks by the kernel less one.
  case valid
}

/// What stands between a convolution and its activation.
public enum Normalization: Hashable, Sendable {
  /// By the batch's statistics of each channel in training, by moving ones in prediction.
  ///
  /// - Parameter momentum: what the moving statistics keep at each step, 0 to 1.
  case batch(momentum: Double)
  /// By the statistics of each sample and channel, in training and prediction alike; see `GraphBuilder.instanceNorm`.
  case instance
  case none
}

/// What a convolution is followed by.
public enum Activation: String, Codable, Sendable, CaseIterable {
  case relu
  /// max(x, 0) + alpha min(x, 0) with one learned alpha per channel.
  case prelu
  /// max(x, 0) + 0.01 min(x, 0); see `GraphBuilder.leakyReLU`.
  case leakyReLU = "leaky-relu"
  case none
}

/// How the kernels start.
public enum WeightInitialization: String, Codable, Sendable, CaseIterable {
  /// Even, by the number of inputs and outputs.
  case glorotUniform = "glorot-uniform"
  /// Normal, by the number of inputs.
  case heNormal = "he-normal"
}
