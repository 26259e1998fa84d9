/// What training makes small, with what each loss can vary and nothing else.
public enum Loss: Codable, Hashable, Sendable {
  /// 1 - soft Dice of each class. Without variants the reference system's: the sum over all classes, the background
  /// included, of 1 - mean over the batch of soft Dice.
  ///
  /// With squares the denominator has sum(p^2) for sum(p).
  ///
  /// Source: Milletari et al. 2016, section 3, whose denominator has squares.
  case dice(overlap: Overlap = Overlap(), squaresDenominator: Bool = false)
  /// The weighted mean over voxels of -log p of the true class; of regions, the mean over voxels and regions of binary
  /// cross-entropy.
  case crossEntropy(classWeights: [Double] = [])
  /// The sum of both; the class weights are those of either.
  ///
  /// Source: Isensee et al. 2021, nnU-Net.
  case diceCrossEntropy(overlap: Overlap = Overlap(), squaresDenominator: Bool = false)
  /// Cross-entropy that easy voxels hardly enter: (1 - p)^exponent times -log p of the true class.
  ///
  /// Source: Lin et al. 2017, "Focal loss for dense object detection", equation 4.
  case focal(exponent: Int = 2, classWeights: [Double] = [])
  /// As Dice, with weights of their own for false positives and false negatives.
  ///
  /// Source: Salehi et al. 2017, "Tversky loss function for image segmentation using 3D fully convolutional deep
  /// networks", equation 1.
  case tversky(overlap: Overlap = Overlap(), errorWeights: ErrorWeights = ErrorWeights())

  /// A loss as it is where nothing else is asked for.
  public init(_ name: LossName) {
    switch name {
    case .dice: self = .dice()
    case .crossEntropy: self = .crossEntropy()
    case .diceCrossEntropy: self = .diceCrossEntropy()
    case .focal: self = .focal()
    case .tversky: self = .tversky()
    }
  }
}

/// How the overlaps of the classes of a batch's samples become one number.
public struct Overlap: Codable, Hashable, Sendable {
  /// Whether the overlap of the background counts; regions have none.
  public var includesBackground: Bool
  /// Whether the overlap is that of all voxels of the batch, rather than the mean of the samples' own.
  public var isPerBatch: Bool
  /// Whether classes are averaged rather than summed.
  public var averagesClasses: Bool
  /// One for each class, the background first, or for each region; empty for 1 each.
  public var classWeights: [Double]

  public init(
    includesBackground: Bool = true, isPerBatch: Bool = false, averagesClasses: Bool = false,
    classWeights: [Double] = []
  ) {
    self.includesBackground = includesBackground
    self.isPerBatch = isPerBatch
    self.averagesClasses = averagesClasses
    self.classWeights = classWeights
  }
}

/// The weights of errors in the Tversky index.
public struct ErrorWeights: Codable, Hashable, Sendable {
  public var falsePositives: Double
  public var falseNegatives: Double

  public init(falsePositives: Double = 0.3, falseNegatives: Double = 0.7) {
    self.falsePositives = falsePositives
    self.falseNegatives = falseNegatives
  }
}

/// The losses by name.
public enum LossName: String, Codable, Sendable, CaseIterable {
  case dice
  case crossEntropy = "cross-entropy"
  case diceCrossEntropy = "dice-cross-entropy"
  case focal
  case tversky
}

// What may be set by itself. A part that the loss has not is nil; it can neither be added nor taken out.
extension Loss {
  /// Which loss it is; another one takes over the parts that it has, too.
  public var name: LossName {
    get {
      switch self {
      case .dice: .dice
      case .crossEntropy: .crossEntropy
      case .diceCrossEntropy: .diceCrossEntropy
      case .focal: .focal
      case .tversky: .tversky
      }
    }
    set {
      guard newValue != name else { return }
      let before = self
      self = Loss(newValue)
      classWeights = before.classWeights
      if let shared = before.overlap, overlap != nil { overlap = shared }
      if let shared = before.squaresDenominator, squaresDenominator != nil { squaresDenominator = shared }
    }
  }

  /// One for each class, the background first, or for each region; empty for 1 each.
  public var classWeights: [Double] {
    get {
      switch self {
      case .dice(let overlap, _), .diceCrossEntropy(let overlap, _), .tversky(let overlap, _):
        overlap.classWeights
      case .crossEntropy(let classWeights), .focal(_, let classWeights): classWeights
      }
    }
    set {
      switch self {
      case .dice, .diceCrossEntropy, .tversky: overlap?.classWeights = newValue
      case .crossEntropy: self = .crossEntropy(classWeights: newValue)
      case .focal(let exponent, _): self = .focal(exponent: exponent, classWeights: newValue)
      }
    }
  }

  /// How overlaps become one number, where the loss rests on them.
  public var overlap: Overlap? {
    get {
      switch self {
      case .dice(let overlap, _), .diceCrossEntropy(let overlap, _), .tversky(let overlap, _): overlap
      case .crossEntropy, .focal: nil
      }
    }
    set {
      guard let newValue else { return precondition(overlap == nil) }
      switch self {
      case .dice(_, let squares): self = .dice(overlap: newValue, squaresDenominator: squares)
      case .diceCrossEntropy(_, let squares):
        self = .diceCrossEntropy(overlap: newValue, squaresDenominator: squares)
      case .tversky(_, let weights): self = .tversky(overlap: newValue, errorWeights: weights)
      case .crossEntropy, .focal: preconditionFailure("\(name.rawValue) rests on no overlap")
      }
    }
  }

  /// Whether the denominator of Dice has sum(p^2) for sum(p).
  public var squaresDenominator: Bool? {
    get {
      switch self {
      case .dice(_, let squares), .diceCrossEntropy(_, let squares): squares
      case .crossEntropy, .focal, .tversky: nil
      }
    }
    set {
      guard let newValue else { return precondition(squaresDenominator == nil) }
      switch self {
      case .dice(let overlap, _): self = .dice(overlap: overlap, squaresDenominator: newValue)
      case .diceCrossEntropy(let overlap, _):
        self = .diceCrossEntropy(overlap: overlap, squaresDenominator: newValue)
      case .crossEntropy, .focal, .tversky: preconditionFailure("\(name.rawValue) has no such denominator")
      }
    }
  }

  /// The exponent of the focal loss.
  public var focalExponent: Int? {
    get { if case .focal(let exponent, _) = self { exponent } else { nil } }
    set {
      guard let newValue else { return precondition(focalExponent == nil) }
      guard case .focal(_, let weights) = self else {
        preconditionFailure("\(name.rawValue) has no exponent")
      }
      self = .focal(exponent: newValue, classWeights: weights)
    }
  }

  /// The weights of errors in the Tversky loss.
  public var errorWeights: ErrorWeights? {
    get { if case .tversky(_, let weights) = self { weights } else { nil } }
    set {
      guard let newValue else { return precondition(errorWeights == nil) }
      guard case .tversky(let overlap, _) = self else {
        preconditionFailure("\(name.rawValue) weighs no errors")
      }
      self = .tversky(overlap: overlap, errorWeights: newValue)
    }
  }
}
