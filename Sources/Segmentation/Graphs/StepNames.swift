import Training

/// The names of the inputs and outputs of a model's graphs: what gives and takes tensors by name asks here.
public enum StepNames {
  // MARK: Inputs

  /// `[N, D, H, W, C]`, of a train step and of a prediction.
  public static let image = "image"
  /// What the network's `Targets` knows, `[N, D', H', W']`, i32.
  public static let label = "label"
  /// A scalar.
  public static let learningRate = "learning_rate"
  /// A scalar, with replicas only: see `ReplicaShare.weight`.
  public static let replicaWeight = "replica_weight"

  // MARK: Outputs

  /// A scalar.
  public static let loss = "loss"
  /// A scalar: see `UpdateOutput`.
  public static let gradientNorm = UpdateOutput.gradientNorm
  /// A scalar, with a loss scale only.
  public static let lossScale = UpdateOutput.lossScale
  /// `[N, D', H', W', outputs]`, of a prediction.
  public static let probabilities = "probabilities"
}
