extension GraphBuilder {
  /// Appends all-reduces that replace gradients by their means over all replicas.
  ///
  /// Gradients share all-reduces (buckets) in the order in which the backward pass computes them.
  ///
  /// Source: Sergeev and Del Balso 2018, "Horovod", section 4 (tensor fusion); Li et al. 2020, "PyTorch
  /// Distributed", section 3.2.3 (buckets).
  /// - Parameters:
  ///   - gradients: float32.
  ///   - options: how buckets are made and compressed.
  /// - Returns: the means, in the order of the gradients.
  public mutating func averagedOverReplicas(
    _ gradients: [Value], _ options: DataParallel
  ) throws(ShapeError) -> [Value] {
    var means = gradients
    for bucket in buckets(of: gradients, options.bucketByteCount) {
      for (index, mean) in zip(bucket, try averaged(bucket.map { gradients[$0] }, options.compression)) {
        means[index] = mean
      }
    }
    return means
  }

  private mutating func averaged(
    _ gradients: [Value], _ compression: DType?
  ) throws(ShapeError) -> [Value] {
    guard let compression else { return try apply(.allReduceMean, gradients) }
    var compressed: [Value] = []
    for gradient in gradients { compressed.append(try cast(gradient, to: compression)) }
    var means: [Value] = []
    for mean in try apply(.allReduceMean, compressed) { means.append(try cast(mean, to: .f32)) }
    return means
  }

  /// Indices of gradients that travel together, the first to be computed first.
  private func buckets(of gradients: [Value], _ limit: Int) -> [[Int]] {
    let defUse = DefUse(graph)
    let producers = gradients.map { defUse.producer(of: $0) ?? -1 }
    let order = gradients.indices.sorted { (producers[$0], $0) < (producers[$1], $1) }
    var buckets: [[Int]] = []
    var byteCount = limit
    for index in order {
      if byteCount >= limit {
        buckets.append([])
        byteCount = 0
      }
      buckets[buckets.count - 1].append(index)
      byteCount += type(of: gradients[index]).byteCount
    }
    return buckets
  }
}
