import ArgumentParser
import Foundation
import MedicalImaging
import Networks
import Segmentation
import Training

extension AugmentationName: ExpressibleByArgument {}
extension NormalizationChoice: ExpressibleByArgument {}
extension OrientationChoice: ExpressibleByArgument {}

/// An axis of a scan as the model sees it: i, j or k.
enum VoxelAxis: String, CaseIterable, ExpressibleByArgument {
  case i, j, k

  /// 0, 1 or 2.
  var index: Int { Self.allCases.firstIndex(of: self)! }
}

/// Options of what is trained on and how; what is not given comes from the preset or is planned from the data.
struct RecipeOptions: ParsableArguments {
  @Flag(
    inversion: .prefixedNo,
    help: ArgumentHelp(
      "Mirror training scans at random along i and j, of whole grids "
        + "(\(presetDefaults { $0.sampling.flips.map { $0 ? "--augment" : "--no-augment" } ?? "see --without" }))."
    ))
  var augment: Bool?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "mm along i, j, k (right, front, up, unless --orientation stored) that scans are resampled to (planned: the median).",
      valueName: "i j k"))
  var spacing: [Double] = []

  @Option(
    help: ArgumentHelp(
      "Normalisation: z-score, z-score-inside, which leaves out the value that a scan's corners have, or foreground, which is "
        + "by that of the training cases (CT foreground, else z-score; patches of scans that lie outside by a quarter "
        + "z-score-inside)."))
  var normalization: NormalizationChoice?

  @Option(
    help: ArgumentHelp(
      "Order of the axes in which scans are seen: canonical brings each to RAS by its geometry, and masks back; stored takes "
        + "voxels as they are stored, for data without true geometry (\(presetDefaults { $0.orientation.rawValue }))."
    ))
  var orientation: OrientationChoice?

  @Option(
    help: ArgumentHelp(
      "Memory for which patches are planned, in GiB (\(numeral(PlanWishes().memoryGibibytes)))."))
  var memoryBudget: Double?

  @Option(
    help: ArgumentHelp(
      "Share of the patches around a voxel of some foreground class (\(Self.foregroundDefault))."))
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

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Axes, among i, j, k, along which patches are mirrored at random (planned: those along which no two classes lie in "
        + "one order in nearly all cases).", valueName: "axis ..."))
  var mirrorAxes: [VoxelAxis] = []

  @Option(
    help: ArgumentHelp("Epochs between two validations of patches (\(PatchOptions().validationInterval))."))
  var validateEvery: Int?

  @Option(
    help: ArgumentHelp(
      "Steps that an epoch of patches has at least: cases of a small data set come several times "
        + "(\(PatchOptions().leastSteps ?? 1))."))
  var stepsPerEpoch: Int?

  @Option(
    help:
      ArgumentHelp(
        "Steps over which the learning rate grows from 0 "
          + "(\(presetDefaults { "\($0.sampling.patches == nil ? "" : "planned, at most ")\($0.warmUpSteps)" }))."
      ))
  var warmUp: Int?

  @Option(
    help:
      ArgumentHelp(
        "Weight decay of adamw (\(presetDefaults { numeral($0.optimizer.weightDecay ?? Self.weightDecayDefault) }))."
      ))
  var weightDecay: Double?

  @Option(
    help: ArgumentHelp(
      "Decay of the weights' moving average, with which the model predicts; 0 for none "
        + "(\(presetDefaults { $0.weightAverage.map { numeral($0.decay) } ?? "none" })).")
  )
  var averageDecay: Double?

  @Option(
    help: "Memory for prepared scans, in GiB; those beyond it are read each time (half of the machine's).")
  var cacheMemory: Double?

  func validate() throws {
    guard spacing.isEmpty || spacing.count == 3 && spacing.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw ValidationError("--spacing takes three positive numbers of mm; for example 1 1 1.")
    }
    if let transform = added.first(where: removed.contains) {
      throw ValidationError("--with and --without both name \(transform.rawValue); leave one out.")
    }
    if removed.contains(.flip), !mirrorAxes.isEmpty {
      throw ValidationError("--mirror-axes and --without flip exclude each other; leave one out.")
    }
    try require(foregroundFraction, "--foreground-fraction", 0...1)
    try require(averageDecay, "--average-decay", 0...0.999_999)
    try require(weightDecay, "--weight-decay", 0...1)
    try require(memoryBudget, "--memory-budget", 0.01...100_000)
    try require(cacheMemory, "--cache-memory", 0...100_000)
    try require(warmUp, "--warm-up", 0...1_000_000_000)
    try require(stepsPerEpoch, "--steps-per-epoch", 1...1_000_000)
    try require(validateEvery, "--validate-every", 1...1_000_000_000)
  }

  private static let weightDecayDefault = Optimizer(.adamw).weightDecay!
  private static let foregroundDefault = String(format: "%.2f", PatchOptions().foregroundFraction)

  var cacheByteLimit: Int {
    cacheMemory.map { Int($0 * 1_073_741_824) } ?? CaseCache.defaultByteLimit
  }

  /// Applies what was given.
  ///
  /// - Parameter batchSize: what `--batch-size` asked for, which a plan takes over, as it does `--input-shape`.
  func apply(to overrides: inout OptionOverrides, _ structure: StructureOptions, batchSize: Int?) throws {
    try overrides.set(\.normalization, normalization, "--normalization")
    try overrides.set(\.orientation, orientation, "--orientation")
    try overrides.set(\.warmUpSteps, warmUp, "--warm-up")
    try overrides.set(
      \.self, of: \.optimizer.weightDecay, weightDecay, "--weight-decay",
      appliesWith: choices("--optimizer") { Optimizer($0).weightDecay != nil })
    try overrides.set(\.weightAverage, averageDecay.map { WeightAverage(decay: $0) }, "--average-decay")
    try applyFlips(to: &overrides)
    try applyPatchOptions(to: &overrides)
    try applyWishes(to: &overrides, structure, batchSize: batchSize)
  }

  private func applyFlips(to overrides: inout OptionOverrides) throws {
    if let augment, let patches = overrides.options.sampling.patches {
      let option = augment ? "--augment" : "--no-augment"
      let names = patches.augmentation.names.map(\.rawValue).joined(separator: " ")
      throw ValidationError(
        "\(option) is for whole grids, and this run takes patches, whose transforms --with and --without choose "
          + "(for none of them --without \(names)); leave \(option) out.")
    }
    try overrides.set(
      \.self, of: \.sampling.flips, augment, "--augment", appliesWith: "whole grids")
  }

  private func applyPatchOptions(to overrides: inout OptionOverrides) throws {
    let remedy = Self.patchPresets
    try overrides.set(
      \.foregroundFraction, of: \.sampling.patches, foregroundFraction, "--foreground-fraction",
      appliesWith: remedy)
    try overrides.set(
      \.validationInterval, of: \.sampling.patches, validateEvery, "--validate-every", appliesWith: remedy)
    try overrides.set(
      \.leastSteps, of: \.sampling.patches, stepsPerEpoch, "--steps-per-epoch", appliesWith: remedy)
    try overrides.set(
      \.wishes.memoryGibibytes, of: \.sampling.patches, memoryBudget, "--memory-budget", appliesWith: remedy)
    try overrides.set(
      \.wishes.spacing, of: \.sampling.patches, spacing.isEmpty ? nil : spacing, "--spacing",
      appliesWith: remedy)
    try overrides.set(
      \.wishes.mirroredAxes, of: \.sampling.patches, wishedAxes,
      mirrorAxes.isEmpty ? "--with" : "--mirror-axes", appliesWith: remedy)
    if !added.isEmpty || !removed.isEmpty {
      var augmentation = overrides.options.sampling.patches?.augmentation ?? AugmentationSettings()
      for transform in added { augmentation.turnOn(transform) }
      for transform in removed { augmentation.turnOff(transform) }
      try overrides.set(
        \.augmentation, of: \.sampling.patches, augmentation, added.isEmpty ? "--without" : "--with",
        appliesWith: remedy)
    }
  }

  /// The axes along which patches are mirrored whatever the data are like; nil where the plan decides.
  private var wishedAxes: [Int]? {
    guard mirrorAxes.isEmpty else { return Set(mirrorAxes.map(\.index)).sorted() }
    return added.contains(.flip) ? VoxelAxis.allCases.map(\.index) : nil
  }

  /// The presets that train on patches.
  private static let patchPresets = choices("--preset") {
    TrainingOptions(preset: $0).sampling.patches != nil
  }

  /// What a plan may not choose; a run that goes on has its plan.
  private func applyWishes(
    to overrides: inout OptionOverrides, _ structure: StructureOptions, batchSize: Int?
  ) throws {
    guard !overrides.isSaved, var patches = overrides.options.sampling.patches else { return }
    if warmUp != nil { patches.length?.warmUpShare = nil }
    patches.wishes.batchSize = batchSize
    patches.wishes.patchShape = structure.inputShape.isEmpty ? nil : structure.inputShape
    guard memoryBudget == nil || batchSize == nil || structure.inputShape.isEmpty else {
      throw ValidationError(
        "--memory-budget is for planning what --input-shape and --batch-size say already; leave one of them out."
      )
    }
    overrides.setFreely(\.sampling.patches, patches)
  }
}

extension PlanWishes {
  /// The memory budget in GiB.
  fileprivate var memoryGibibytes: Double {
    get { memoryBudget / 1_073_741_824 }
    set { memoryBudget = newValue * 1_073_741_824 }
  }
}
