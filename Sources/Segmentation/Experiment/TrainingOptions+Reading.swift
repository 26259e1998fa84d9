import MedicalImaging
import Networks
import TensorGraph
import Training

extension TrainingOptions {
  /// Reads what this version wrote, and what earlier ones did: version 1 had no number; without an orientation scans were
  /// taken as they are stored.
  ///
  /// - Throws: `DecodingError`, also for what a later version wrote.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let version = try values.decodeIfPresent(Int.self, forKey: .version) ?? 1
    guard (1...Self.currentVersion).contains(version) else {
      throw DecodingError.dataCorruptedError(
        forKey: .version, in: values, debugDescription: "options of version \(version)")
    }
    preset = try values.decode(Preset.self, forKey: .preset)
    batchSize = try values.decode(Int.self, forKey: .batchSize)
    epochs = try values.decode(Int.self, forKey: .epochs)
    baseLearningRate = try values.decode(Double.self, forKey: .baseLearningRate)
    schedule = try values.decode(LearningRateSchedule.self, forKey: .schedule)
    weightAverage = try values.decodeIfPresent(WeightAverage.self, forKey: .weightAverage)
    gradientCompression = try values.decodeIfPresent(DType.self, forKey: .gradientCompression)
    normalization = try values.decodeIfPresent(NormalizationChoice.self, forKey: .normalization)
    orientation = try values.decodeIfPresent(OrientationChoice.self, forKey: .orientation) ?? .stored
    notANumber = try values.decodeIfPresent(Double.self, forKey: .notANumber)
    trainingFraction = try values.decode(Double.self, forKey: .trainingFraction)
    fold = try values.decodeIfPresent(Fold.self, forKey: .fold)
    splits = try values.decodeIfPresent(Splits.self, forKey: .splits)
    subjectPattern = try values.decodeIfPresent(String.self, forKey: .subjectPattern)
    splitSeed = try values.decode(UInt64.self, forKey: .splitSeed)
    seed = try values.decode(UInt64.self, forKey: .seed)
    patience = try values.decodeIfPresent(Int.self, forKey: .patience)
    frozenPart = try values.decodeIfPresent(FrozenPart.self, forKey: .frozenPart)
    guard version > 1 else {
      let earlier = try EarlierTrainingOptions(from: decoder)
      network = earlier.configuration
      sampling = earlier.sampling
      loss = earlier.migratedLoss
      optimizer = earlier.optimizer.migrated
      clipNorm = earlier.optimizer.clipNorm
      lossScale = earlier.optimizer.lossScale
      scalesLearningRate = earlier.scalesLearningRate ?? false
      warmUpSteps = earlier.warmUpSteps ?? 0
      return
    }
    network = try values.decode(Network.self, forKey: .network)
    sampling = try values.decode(Sampling.self, forKey: .sampling)
    loss = try values.decode(Loss.self, forKey: .loss)
    optimizer = try values.decode(Optimizer.self, forKey: .optimizer)
    clipNorm = try values.decodeIfPresent(Double.self, forKey: .clipNorm)
    lossScale = try values.decode(LossScale.self, forKey: .lossScale)
    scalesLearningRate = try values.decode(Bool.self, forKey: .scalesLearningRate)
    warmUpSteps = try values.decode(Int.self, forKey: .warmUpSteps)
  }
}

/// What version 1 wrote in another form. Values that had no effect are dropped.
private struct EarlierTrainingOptions: Decodable {
  struct Optimizer: Decodable {
    let kind: OptimizerName
    let momentum: Double
    let clipNorm: Double?
    let lossScale: LossScale
    let weightDecay: Double?

    var migrated: Training.Optimizer {
      switch kind {
      case .rmsprop: .rmsprop(momentum: momentum)
      case .adam: .adam
      case .adamw: .adamw(weightDecay: weightDecay ?? 0)
      case .sgd: .sgd(momentum: momentum)
      }
    }
  }

  struct LossSettings: Decodable {
    let includesBackground: Bool
    let isPerBatch: Bool
    let squaresDenominator: Bool
    let averagesClasses: Bool
    let classWeights: [Double]
    let focalExponent: Int
    let falsePositiveWeight: Double
    let falseNegativeWeight: Double
  }

  /// A V-Net's, with what it takes and gives.
  let configuration: Network
  let optimizer: Optimizer
  let loss: LossName
  let lossSettings: LossSettings?
  let augment: Bool
  let patches: PatchOptions?
  let scalesLearningRate: Bool?
  let warmUpSteps: Int?

  var sampling: Sampling { patches.map { .patches(options: $0) } ?? .wholeGrid(flips: augment) }

  var migratedLoss: Loss {
    var migrated = Loss(loss)
    guard let lossSettings else { return migrated }
    migrated.classWeights = lossSettings.classWeights
    migrated.overlap?.includesBackground = lossSettings.includesBackground
    migrated.overlap?.isPerBatch = lossSettings.isPerBatch
    migrated.overlap?.averagesClasses = lossSettings.averagesClasses
    if migrated.squaresDenominator != nil { migrated.squaresDenominator = lossSettings.squaresDenominator }
    if migrated.focalExponent != nil { migrated.focalExponent = lossSettings.focalExponent }
    if migrated.errorWeights != nil {
      migrated.errorWeights = ErrorWeights(
        falsePositives: lossSettings.falsePositiveWeight, falseNegatives: lossSettings.falseNegativeWeight)
    }
    return migrated
  }
}
