import MedicalImaging

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
  /// What the training scans' grids are like; nil for a model of an earlier version.
  public var trainingGrids: GridFacts?
  /// Names of cases.
  public var trainingCases: [String]
  public var validationCases: [String]
  /// The subjects whose scans were kept together; nil where each case was one by itself, as in what earlier versions wrote.
  public var subjectCount: Int?
  /// The model whose weights the training started from; nil for a start from the seed.
  public var origin: ModelOrigin?
  /// One for each epoch that is done.
  public var history: [EpochRecord] = []
  /// How far the next epoch has come; nil for a checkpoint from between epochs.
  public var partialEpoch: PartialEpoch?
  /// What the device chose by measuring: a run that goes on takes the same.
  public var measuredChoices: [String: String] = [:]

  /// Where the last epoch was trained; nil in what earlier versions wrote.
  public var machine: TrainingMachine?

  /// Whether the names of the data set and of its cases are aliases (`Dataset.anonymized()`); nil where they are not, as in
  /// what earlier versions wrote.
  var isAnonymous: Bool?
  /// Whether the names of cases were taken out, as in a model that was shared; nil where they were not, as in what earlier
  /// versions wrote.
  var withholdsCaseNames: Bool?

  enum CodingKeys: CodingKey {
    case version, options, preparation, datasetName, plan, trainingGrids, trainingCases, validationCases
    case subjectCount, history, partialEpoch, measuredChoices, machine, origin, isAnonymous
    case withholdsCaseNames
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
    validationCases: [String], plan: TrainingPlan? = nil, trainingGrids: GridFacts? = nil,
    subjectCount: Int? = nil
  ) {
    self.subjectCount = subjectCount
    self.plan = plan
    self.trainingGrids = trainingGrids
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
    trainingGrids = try values.decodeIfPresent(GridFacts.self, forKey: .trainingGrids)
    trainingCases = try values.decode([String].self, forKey: .trainingCases)
    validationCases = try values.decode([String].self, forKey: .validationCases)
    subjectCount = try values.decodeIfPresent(Int.self, forKey: .subjectCount)
    history = try values.decode([EpochRecord].self, forKey: .history)
    partialEpoch = try values.decodeIfPresent(PartialEpoch.self, forKey: .partialEpoch)
    measuredChoices =
      try values.decodeIfPresent([String: String].self, forKey: .measuredChoices) ?? [:]
    origin = try values.decodeIfPresent(ModelOrigin.self, forKey: .origin)
    machine = try values.decodeIfPresent(TrainingMachine.self, forKey: .machine)
    isAnonymous = try values.decodeIfPresent(Bool.self, forKey: .isAnonymous)
    withholdsCaseNames = try values.decodeIfPresent(Bool.self, forKey: .withholdsCaseNames)
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
