import TensorGraph

/// What training makes small.
public enum Loss: String, Codable, Sendable, CaseIterable {
  /// 1 - soft Dice of each class; see `LossSettings` for its variants. Without settings the reference system's: the
  /// sum over all classes, the background included, of 1 - mean over the batch of soft Dice.
  ///
  /// Source: Milletari et al. 2016, section 3, whose denominator has squares.
  case dice
  /// The mean over voxels of -log p of the true class.
  case crossEntropy = "cross-entropy"
  /// The sum of both.
  ///
  /// Source: Isensee et al. 2021, nnU-Net.
  case diceCrossEntropy = "dice-cross-entropy"
  /// Cross-entropy that easy voxels hardly enter: (1 - p)^gamma times -log p of the true class.
  ///
  /// Source: Lin et al. 2017, "Focal loss for dense object detection", equation 4.
  case focal
  /// As Dice, with weights of their own for false positives and false negatives.
  ///
  /// Source: Salehi et al. 2017, "Tversky loss function for image segmentation using 3D fully convolutional deep
  /// networks", equation 1.
  case tversky
}

/// The variants of a loss.
public struct LossSettings: Codable, Hashable, Sendable {
  /// Whether the overlap of the background counts.
  public var includesBackground: Bool
  /// Whether the overlap is that of all voxels of the batch, rather than the mean of the samples' own.
  public var isPerBatch: Bool
  /// Whether the Dice's denominator has sum(p^2) for sum(p), as the V-Net paper's.
  public var squaresDenominator: Bool
  /// Whether classes are averaged rather than summed.
  public var averagesClasses: Bool
  /// One for each class, the background first; empty for 1 each.
  public var classWeights: [Double]
  /// Focal loss: the exponent gamma.
  public var focalExponent: Int
  /// Tversky: the weights of false positives and of false negatives.
  public var falsePositiveWeight: Double
  public var falseNegativeWeight: Double

  public init(
    includesBackground: Bool = true, isPerBatch: Bool = false, squaresDenominator: Bool = false,
    averagesClasses: Bool = false, classWeights: [Double] = [], focalExponent: Int = 2,
    falsePositiveWeight: Double = 0.3, falseNegativeWeight: Double = 0.7
  ) {
    self.includesBackground = includesBackground
    self.isPerBatch = isPerBatch
    self.squaresDenominator = squaresDenominator
    self.averagesClasses = averagesClasses
    self.classWeights = classWeights
    self.focalExponent = focalExponent
    self.falsePositiveWeight = falsePositiveWeight
    self.falseNegativeWeight = falseNegativeWeight
  }

  /// The weight of each class's overlap, the background first.
  func overlapWeights(classCount: Int) -> [Double] {
    var weights = voxelWeights(classCount: classCount)
    if !includesBackground { weights[0] = 0 }
    return weights
  }

  /// The weight of each class's voxels, the background first.
  func voxelWeights(classCount: Int) -> [Double] {
    classWeights.isEmpty ? Array(repeating: 1, count: classCount) : classWeights
  }
}

/// A loss in a graph, with the figures that it is made of.
public struct LossValues {
  /// A scalar.
  public var loss: Value
  /// Soft Dice of each class of each sample, `[N, classes]`, plain sums in the denominator.
  public var softDice: Value
  /// Softmax of the logits, `[N, D', H', W', classes]`.
  public var probabilities: Value
}

extension GraphBuilder {
  /// Appends a loss.
  ///
  /// - Parameters:
  ///   - logits: `[N, D', H', W', classes]`.
  ///   - labels: class indices (i32), `[N, D', H', W']`.
  /// - Precondition: class weights are as many as classes, or none.
  public mutating func loss(
    _ loss: Loss, _ settings: LossSettings = LossSettings(), logits: Value, labels: Value
  ) throws(ShapeError) -> LossValues {
    let probabilities = try softmax(logits)
    let truth = try oneHot(labels, depth: shape(of: logits).channels)
    let softDice = try dice(LossSettings(), probabilities, truth)
    let value: Value
    switch loss {
    case .dice:
      let overlap = settings.hasPlainSampleDice ? softDice : try dice(settings, probabilities, truth)
      value = try overlapLoss(settings, overlap)
    case .crossEntropy:
      value = try crossEntropy(settings, logits, probabilities, truth)
    case .diceCrossEntropy:
      let overlap = try overlapLoss(settings, try dice(settings, probabilities, truth))
      value = try add(overlap, try crossEntropy(settings, logits, probabilities, truth))
    case .focal:
      value = try focalLoss(settings, logits, probabilities, truth)
    case .tversky:
      value = try overlapLoss(settings, try tversky(settings, probabilities, truth))
    }
    return LossValues(loss: value, softDice: softDice, probabilities: probabilities)
  }
}

extension LossSettings {
  /// Whether the Dice that is trained is the one that is reported.
  fileprivate var hasPlainSampleDice: Bool { !isPerBatch && !squaresDenominator }
}
