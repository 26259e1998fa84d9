import ArgumentParser
import Segmentation
import VNetModel

/// Options of the loss; what is not given comes from the preset.
struct LossOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Loss: " + Loss.allCases.map(\.rawValue).joined(separator: ", ")
        + " (dice; accurate: dice-cross-entropy)."))
  var loss: Loss?

  @Flag(
    name: .customLong("loss-background"), inversion: .prefixedNo,
    help: "Count the background's overlap, too (--loss-background; accurate: --no-loss-background).")
  var includesBackground: Bool?

  @Flag(
    name: .customLong("loss-per-batch"), inversion: .prefixedNo,
    help:
      "Take the overlap over the whole batch, not sample by sample (--no-loss-per-batch; accurate: --loss-per-batch)."
  )
  var isPerBatch: Bool?

  @Flag(
    name: .customLong("loss-squared"), inversion: .prefixedNo,
    help: "Squares in the denominator of Dice, as in the V-Net paper (--no-loss-squared).")
  var squaresDenominator: Bool?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Weights of the classes, the background first (1 each).", valueName: "w ..."))
  var classWeights: [Double] = []

  func validate() throws {
    guard classWeights.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw ValidationError("--class-weights takes numbers that are not negative.")
    }
  }

  /// Applies what was given.
  func apply(to overrides: inout OptionOverrides) throws {
    try overrides.set(\.loss, loss, "--loss")
    let saved = overrides.options.lossSettings
    var settings = saved ?? LossSettings()
    if let includesBackground { settings.includesBackground = includesBackground }
    if let isPerBatch { settings.isPerBatch = isPerBatch }
    if let squaresDenominator { settings.squaresDenominator = squaresDenominator }
    if !classWeights.isEmpty { settings.classWeights = classWeights }
    if settings != saved ?? LossSettings() {
      try overrides.set(\.lossSettings, settings, "a variant of the loss")
    }
  }
}
