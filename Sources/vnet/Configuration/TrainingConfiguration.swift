import DurableFiles
import Foundation
import Segmentation

/// The effective configuration of a training, as it lies in the model's folder: what was given, and the defaults that a later
/// version might change. `vnet train --config M/config.yaml --model-dir N` repeats the training.
struct TrainingConfiguration {
  /// What says where a training goes and how it is told, not what it is.
  private static let leftOut: Set = ["model-dir", "resume", "dry-run", "quiet"]
  /// What names data, which an anonymous training keeps to itself.
  private static let namesOfData: Set = ["data-dir", "images", "labels", "data-list", "init-from"]

  private let options: [GivenOption]

  /// - Parameters:
  ///   - given: on the command line and in a configuration file.
  ///   - run: of which the defaults are those in effect.
  ///   - fold: whether the configuration is that of one fold.
  init(_ given: [GivenOption], _ run: TrainingOptions, isAnonymous: Bool, ofFold fold: Int? = nil) {
    let left = Self.leftOut.union(isAnonymous ? Self.namesOfData : []).union(fold == nil ? [] : ["fold"])
    let own = given.filter { !left.contains($0.name) }
    let defaults = Self.defaults(run).filter { option in !own.contains { $0.name == option.name } }
    options = own + (fold.map { [GivenOption(name: "fold", value: .value("\($0)"))] } ?? []) + defaults
  }

  /// The defaults in effect that nothing else decides: not those that a plan, a cross-validation or a file of divisions makes.
  private static func defaults(_ run: TrainingOptions) -> [GivenOption] {
    var values = [
      ("preset", run.preset.rawValue), ("seed", "\(run.seed)"),
      ("optimizer", run.optimizer.name.rawValue), ("base-lr", numeral(run.baseLearningRate)),
      ("lr-schedule", run.schedule.rawValue), ("clip-norm", run.clipNorm.map(numeral) ?? "none"),
      ("loss", run.loss.name.rawValue), ("orientation", run.orientation.rawValue),
    ]
    if run.sampling.patches == nil {
      values += [("epochs", "\(run.epochs)"), ("batch-size", "\(run.batchSize)")]
    }
    if run.splits == nil {
      values.append(("split-seed", "\(run.splitSeed)"))
      if run.fold == nil { values.append(("train-split", numeral(run.trainingFraction))) }
    }
    return values.map { GivenOption(name: $0.0, value: .value($0.1)) }
  }

  /// In YAML, a line for each option.
  var yaml: String {
    let lines = options.map { option in
      switch option.value {
      case .flag(let isOn): "\(option.name): \(isOn)"
      case .value(let text): "\(option.name): \(Self.scalar(text))"
      case .values(let texts): "\(option.name): [\(texts.map(Self.scalar).joined(separator: ", "))]"
      }
    }
    return """
      # What this model was trained with, by vnet \(ProgramVersion.current). To repeat it:
      #   vnet train --config config.yaml --model-dir another
      # Paths are as they were given, relative to the folder in which the training was started.
      \(lines.joined(separator: "\n"))

      """
  }

  /// A number or a plain word as it is, everything else as a string of JSON, which is one of YAML, too.
  private static func scalar(_ text: String) -> String {
    let isPlain =
      text.wholeMatch(of: /-?[0-9][0-9.]*(e-?[0-9]+)?|[a-zA-Z][a-zA-Z0-9]*(-[a-zA-Z0-9]+)*/) != nil
    let isReserved = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
    if isPlain && !isReserved { return text }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
  }

  func write(to folder: ModelFolder) throws {
    try AtomicFile.write(yaml, to: folder.configurationPath)
  }
}

extension TrainCommand {
  /// Keeps a run's configuration in its folder, and where all folds are trained that of the whole in theirs. A training that
  /// goes on has its own already.
  func keepConfiguration(of run: PlannedRun) throws {
    guard !run.resumes else { return }
    let given = ConfiguredArguments.givenOptions
    try TrainingConfiguration(given, run.options, isAnonymous: anonymous, ofFold: run.fold?.index).write(
      to: run.folder)
    guard run.fold != nil, crossValidation.fold == nil else { return }
    try TrainingConfiguration(given, run.options, isAnonymous: anonymous).write(to: ModelFolder(modelDir))
  }
}
