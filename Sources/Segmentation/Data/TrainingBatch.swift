import TensorGraph

/// What a train step is shown.
public struct TrainingBatch: Sendable {
  /// `[N, D, H, W, C]`.
  public var image: Tensor
  /// Indices of labels `[N, D', H', W']`, i32.
  public var label: Tensor

  public init(image: Tensor, label: Tensor) {
    self.image = image
    self.label = label
  }
}
