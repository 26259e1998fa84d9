import TensorGraph

/// What a loss is made of.
struct LossOperands {
  /// Each `[N, D', H', W', outputs]`; `truth` is 1 where a voxel is of the class or in the region, else 0.
  let logits, probabilities, truth: Value
  /// 1 where a voxel counts, else 0: `[N, D', H', W']`; nil where all do. Truth is 0 where it does not.
  let counted: Value?
}

extension GraphBuilder {
  /// Appends a loss, a scalar. Ignored voxels enter no sum and have no gradient.
  ///
  /// - Parameters:
  ///   - logits: `[N, D', H', W', outputs]`.
  ///   - labels: what `targets` knows (i32), `[N, D', H', W']`.
  /// - Precondition: class weights are as many as outputs, or none.
  public mutating func loss(
    _ loss: Loss, logits: Value, labels: Value, targets: Targets = Targets()
  ) throws(ShapeError) -> Value {
    let operands = try operands(logits, labels, targets)
    switch loss {
    case .dice(let overlap, let squares):
      return try diceLoss(overlap, squares, operands, targets)
    case .crossEntropy(let classWeights):
      return try crossEntropy(classWeights, operands, targets)
    case .diceCrossEntropy(let overlap, let squares):
      let dice = try diceLoss(overlap, squares, operands, targets)
      return try add(dice, try crossEntropy(overlap.classWeights, operands, targets))
    case .focal(let exponent, let classWeights):
      return try focalLoss(exponent, classWeights, operands, targets)
    case .tversky(let overlap, let weights):
      let measures = try tversky(overlap, weights, try countedProbabilities(operands), operands.truth)
      return try overlapLoss(overlap, measures, hasBackground: targets.hasBackground)
    }
  }

  private mutating func operands(
    _ logits: Value, _ labels: Value, _ targets: Targets
  ) throws(ShapeError) -> LossOperands {
    let probabilities = try probabilities(of: logits, targets)
    let (truth, labelled) = try truth(labels, targets, outputCount: shape(of: logits).channels)
    let counted =
      targets.hasIgnoredVoxels ? try reduceSum(labelled, axes: [shape(of: labelled).rank - 1]) : nil
    return LossOperands(
      logits: logits, probabilities: probabilities, truth: truth, counted: counted)
  }

  /// What is true of each output, and of each label: `[N, D', H', W', labels]`, 1 for the voxel's own, else 0.
  private mutating func truth(
    _ labels: Value, _ targets: Targets, outputCount: Int
  ) throws(ShapeError) -> (truth: Value, labelled: Value) {
    switch targets.outputs {
    case .classes:
      let truth = try oneHot(labels, depth: outputCount)
      return (truth, truth)
    case .regions(let regions, let labelCount):
      let labelled = try oneHot(labels, depth: labelCount)
      return (try truth(ofRegions: regions, labelled), labelled)
    }
  }

  /// 1 where a voxel lies in a region: the sum over the region's labels.
  private mutating func truth(
    ofRegions regions: [[Int]], _ labelled: Value
  ) throws(ShapeError) -> Value {
    let shape = shape(of: labelled)
    let last = shape.rank - 1
    var parts: [Value] = []
    for region in regions {
      let members = try vector((0..<shape.channels).map { region.contains($0) ? 1 : 0 })
      let inside = try multiply(labelled, try broadcast(members, to: shape, axes: [last]))
      parts.append(
        try reshape(try reduceSum(inside, axes: [last]), to: Shape(Array(shape.extents.dropLast()) + [1])))
    }
    return try concatenate(parts, axis: last)
  }

  private mutating func diceLoss(
    _ overlap: Overlap, _ squaresDenominator: Bool, _ operands: LossOperands, _ targets: Targets
  ) throws(ShapeError) -> Value {
    let probabilities = try countedProbabilities(operands)
    let measures = try dice(overlap, squaresDenominator, probabilities, operands.truth)
    return try overlapLoss(overlap, measures, hasBackground: targets.hasBackground)
  }

  /// The probabilities, 0 where a voxel is ignored.
  private mutating func countedProbabilities(_ operands: LossOperands) throws(ShapeError) -> Value {
    guard let counted = operands.counted else { return operands.probabilities }
    let shape = shape(of: operands.probabilities)
    let repeated = try broadcast(counted, to: shape, axes: Array(0..<shape.rank - 1))
    return try multiply(operands.probabilities, repeated)
  }
}
