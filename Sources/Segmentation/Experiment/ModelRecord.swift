/// What is known of a trained model besides its tensors; kept in the checkpoint's metadata.
public struct ModelRecord: Codable, Equatable, Sendable {
  /// Raised when a field or its meaning changes; what earlier versions wrote is read, too.
  public static let currentVersion = 2

  /// Written with the others; what was read is of this version then.
  private var version = ModelRecord.currentVersion
  public var options: TrainingOptions
  public var preparation: Preparation
  public var datasetName: String
  /// What was planned; nil for training on whole grids.
  public var plan: TrainingPlan?
  /// Names of cases.
  public var trainingCases: [String]
  public var validationCases: [String]
  /// One for each epoch that is done.
  public var history: [EpochRecord] = []
  /// What the device chose by measuring: a run that goes on takes the same.
  public var measuredChoices: [String: String] = [:]

  enum CodingKeys: CodingKey {
    case version, options, preparation, datasetName, plan, trainingCases, validationCases, history
    case measuredChoices
  }

  /// The number of epochs that are done.
  public var epoch: Int { history.count }

  /// The epochs that are left of those asked for, by default of those that the options say.
  public func remainingEpochs(of epochs: Int?) -> Int { max(0, (epochs ?? options.epochs) - epoch) }

  /// The epoch (from 0) with the best mean foreground soft Dice on the validation cases; nil without any.
  public var bestEpoch: Int? {
    history.filter { $0.foregroundDice != nil }.max { $0.foregroundDice! < $1.foregroundDice! }?.epoch
  }

  public init(
    options: TrainingOptions, preparation: Preparation, datasetName: String, trainingCases: [String],
    validationCases: [String], plan: TrainingPlan? = nil
  ) {
    self.plan = plan
    self.options = options
    self.preparation = preparation
    self.datasetName = datasetName
    self.trainingCases = trainingCases
    self.validationCases = validationCases
  }
}

extension ModelRecord {
  /// Reads what this version wrote, and what earlier ones did: version 1 had no measured choices at first.
  ///
  /// - Throws: `DecodingError`, also for what contradicts itself.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    options = try values.decode(TrainingOptions.self, forKey: .options)
    preparation = try values.decode(Preparation.self, forKey: .preparation)
    datasetName = try values.decode(String.self, forKey: .datasetName)
    plan = try values.decodeIfPresent(TrainingPlan.self, forKey: .plan)
    trainingCases = try values.decode([String].self, forKey: .trainingCases)
    validationCases = try values.decode([String].self, forKey: .validationCases)
    history = try values.decode([EpochRecord].self, forKey: .history)
    measuredChoices =
      try values.decodeIfPresent([String: String].self, forKey: .measuredChoices) ?? [:]
    let names = preparation.classNames
    guard (1...255).contains(names.count), names.count == options.network.classCount,
      preparation.labels.outputNames == names, preparation.labels.targets == options.network.targets
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .preparation, in: values, debugDescription: "the labels are not those of the network")
    }
    guard (options.sampling.patches == nil) == (preparation.spacing == nil) else {
      throw DecodingError.dataCorruptedError(
        forKey: .preparation, in: values, debugDescription: "patches are drawn at a spacing")
    }
  }
}
