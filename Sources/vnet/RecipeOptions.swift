import ArgumentParser
import MedicalImaging
import Segmentation
import Training

extension AugmentationName: ExpressibleByArgument {}
extension NormalizationChoice: ExpressibleByArgument {}

/// Options of a cross-validation.
struct CrossValidationOptions: ParsableArguments {
  @Option(help: "Divide the labelled cases into so many folds, each of which validates once.")
  var folds: Int?

  @Option(help: "Train this fold only, from 0.")
  var fold: Int?

  func validate() throws {
    if let folds, !(2...100).contains(folds) {
      throw ValidationError("--folds \(folds) is not possible; take 2 to 100.")
    }
    guard let fold else { return }
    guard let folds else { throw ValidationError("--fold needs --folds; for example --folds 5 --fold 0.") }
    guard (0..<folds).contains(fold) else {
      throw ValidationError("--fold \(fold) is not possible; take 0 to \(folds - 1).")
    }
  }
}

/// Options of training on patches; what is not given comes from the preset or is planned from the data.
struct RecipeOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "mm along i, j, k that scans are resampled to (planned: the median).", valueName: "i j k"))
  var spacing: [Double] = []

  @Option(
    help:
      "Normalisation: z-score, or foreground, which is by that of the training cases (CT foreground, else z-score)."
  )
  var normalization: NormalizationChoice?

  @Option(help: "Memory for which patches are planned, in GiB (4).")
  var memoryBudget: Double?

  @Option(help: "Share of the patches around a voxel of some foreground class (a third).")
  var foregroundFraction: Double?

  @Option(
    name: .customLong("with"), parsing: .upToNextOption,
    help: ArgumentHelp(
      "Transforms to apply besides the recipe's: "
        + AugmentationName.allCases.map(\.rawValue).joined(separator: ", ") + ".", valueName: "transform ...")
  )
  var added: [AugmentationName] = []

  @Option(
    name: .customLong("without"), parsing: .upToNextOption,
    help: ArgumentHelp("Transforms of the recipe to leave out.", valueName: "transform ..."))
  var removed: [AugmentationName] = []

  @Option(help: "Epochs between two validations (10).")
  var validateEvery: Int?

  @Option(help: "Steps over which the learning rate grows from 0 (0; accurate: 200).")
  var warmUp: Int?

  @Option(help: "Weight decay of adamw (accurate: 0.01).")
  var weightDecay: Double?

  @Option(
    help: "Decay of the weights' moving average, with which the model predicts; 0 for none (accurate: 0.999)."
  )
  var averageDecay: Double?

  @Option(
    help: "Memory for prepared scans, in GiB; those beyond it are read each time (half of the machine's).")
  var cacheMemory: Double?

  func validate() throws {
    guard spacing.isEmpty || spacing.count == 3 && spacing.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw ValidationError("--spacing takes three positive numbers of mm; for example 1 1 1.")
    }
    try require(foregroundFraction, "--foreground-fraction", 0...1)
    try require(averageDecay, "--average-decay", 0...0.999_999)
    try require(weightDecay, "--weight-decay", 0...1)
    try require(memoryBudget, "--memory-budget", 0.01...100_000)
    try require(cacheMemory, "--cache-memory", 0...100_000)
    try require(warmUp.map(Double.init), "--warm-up", 0...1e9)
    try require(validateEvery.map(Double.init), "--validate-every", 1...1e9)
  }

  private func require(_ value: Double?, _ option: String, _ allowed: ClosedRange<Double>) throws {
    if let value, !allowed.contains(value) {
      throw ValidationError(
        "\(option) \(value) is not possible; take \(allowed.lowerBound) to \(allowed.upperBound).")
    }
  }

  var cacheByteLimit: Int {
    cacheMemory.map { Int($0 * 1_073_741_824) } ?? CaseCache.defaultByteLimit
  }

  /// Applies what was given; what concerns patches cannot change when a run goes on.
  func apply(
    to overrides: inout OptionOverrides, _ structure: StructureOptions, batchSize: Int?, resumes: Bool
  ) throws {
    try overrides.set(\.normalization, normalization, "--normalization")
    try overrides.set(\.warmUpSteps, warmUp, "--warm-up")
    try overrides.set(\.optimizer.weightDecay, weightDecay, "--weight-decay")
    try overrides.set(\.weightAverage, averageDecay.map { WeightAverage(decay: $0) }, "--average-decay")
    if resumes || overrides.options.patches == nil {
      guard !concernsPatches else {
        throw ValidationError(
          "--spacing, --memory-budget, --foreground-fraction, --with, --without and --validate-every are for new "
            + "models with --preset accurate; leave them out.")
      }
      return
    }
    var patches = overrides.options.patches!
    patches.wishes.batchSize = batchSize
    patches.wishes.patchShape = structure.inputShape.isEmpty ? nil : structure.inputShape
    patches.wishes.spacing = spacing.isEmpty ? nil : spacing
    if let memoryBudget { patches.wishes.memoryBudget = memoryBudget * 1_073_741_824 }
    if let foregroundFraction { patches.foregroundFraction = foregroundFraction }
    if let validateEvery { patches.validationInterval = validateEvery }
    for transform in added { patches.augmentation.turnOn(transform) }
    for transform in removed { patches.augmentation.turnOff(transform) }
    overrides.setFreely(\.patches, patches)
  }

  private var concernsPatches: Bool {
    !spacing.isEmpty || memoryBudget != nil || foregroundFraction != nil || !added.isEmpty || !removed.isEmpty
      || validateEvery != nil
  }
}
