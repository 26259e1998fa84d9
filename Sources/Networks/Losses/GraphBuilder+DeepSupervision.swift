import TensorGraph

extension GraphBuilder {
  /// Appends the loss of a forward pass, a scalar: that of its logits or, with deep supervision, the weighted mean of
  /// those of all resolutions. Each counts half as much as the next finer one; its labels are the first voxel of each
  /// 2^3.
  ///
  /// Source: Isensee et al. 2021, nnU-Net, supplementary note 2.2: weights 1, 1/2, 1/4, ..., normalised; labels by
  /// nearest neighbour.
  ///
  /// - Parameters:
  ///   - labels: what `targets` knows (i32), `[N, D', H', W']`.
  ///   - targets: the network's.
  public mutating func loss(
    _ loss: Loss, of forward: ForwardPass, labels: Value, targets: Targets = Targets()
  ) throws(ShapeError) -> Value {
    let finest = try self.loss(loss, logits: forward.logits, labels: labels, targets: targets)
    guard !forward.coarserLogits.isEmpty else { return finest }
    var (sum, labels, weight, total) = (finest, labels, 1.0, 1.0)
    for logits in forward.coarserLogits {
      labels = try halved(labels)
      weight /= 2
      total += weight
      let coarser = try self.loss(loss, logits: logits, labels: labels, targets: targets)
      sum = try add(sum, try multiply(coarser, constant(weight)))
    }
    return try multiply(sum, constant(1 / total))
  }

  /// The first voxel of each 2^3 of `[N, D, H, W]`.
  private mutating func halved(_ x: Value) throws(ShapeError) -> Value {
    let shape = shape(of: x)
    let half = (1...3).map { shape[$0] / 2 }
    let pairs = try reshape(x, to: [shape[0], half[0], 2, half[1], 2, half[2], 2])
    let firsts = try slice(
      pairs, start: [0, 0, 0, 0, 0, 0, 0], limit: [shape[0], half[0], 1, half[1], 1, half[2], 1])
    return try reshape(firsts, to: Shape([shape[0]] + half))
  }
}
