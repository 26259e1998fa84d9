import TensorGraph

/// The part that one replica's gradients have in the mean over all.
public struct ReplicaShare {
  /// A scalar: the replica's samples divided by the mean number of samples of a replica. With it the mean over
  /// replicas of the gradients is the gradient of the mean over all samples.
  public var weight: Value
  public var options: DataParallel

  public init(weight: Value, options: DataParallel) {
    self.weight = weight
    self.options = options
  }
}

extension GraphBuilder {
  /// Appends the backward pass on the scaled loss and, with replicas, the mean over them.
  ///
  /// The weight enters with the cotangent of the loss, in which gradients are linear.
  mutating func gradients(
    of loss: Value, _ weights: [Value], _ lossScale: Value?, _ replica: ReplicaShare?
  ) throws(AutodiffError) -> [Value] {
    guard let replica else { return try gradients(of: loss, withRespectTo: weights, seed: lossScale) }
    let seed: Value
    do { seed = try multiply(lossScale ?? constant(1), replica.weight) } catch { throw .shape(error) }
    let own = try gradients(of: loss, withRespectTo: weights, seed: seed)
    do { return try averagedOverReplicas(own, replica.options) } catch { throw .shape(error) }
  }

  /// Appends the mean of a loss over the samples of all replicas.
  public mutating func averagedOverReplicas(
    loss: Value, _ replica: ReplicaShare
  ) throws(ShapeError) -> Value {
    try averagedOverReplicas([try multiply(loss, replica.weight)], DataParallel())[0]
  }
}
