import ArgumentParser
import Networks
import Segmentation

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

  @Flag(
    name: .customLong("loss-class-mean"), inversion: .prefixedNo,
    help:
      "Take the mean of the classes' overlaps, not their sum (--no-loss-class-mean; accurate: --loss-class-mean)."
  )
  var averagesClasses: Bool?

  @Option(help: "Exponent of the focal loss (2).")
  var focalExponent: Int?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Weights of false positives and of false negatives in the Tversky loss (0.3 0.7).", valueName: "fp fn"))
  var tverskyWeights: [Double] = []

  func validate() throws {
    guard classWeights.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw ValidationError("--class-weights takes numbers that are not negative.")
    }
    guard classWeights.isEmpty || classWeights.dropFirst().contains(where: { $0 > 0 }) else {
      throw ValidationError("--class-weights must give some foreground class more than 0.")
    }
    if let focalExponent, !(0...10).contains(focalExponent) {
      throw ValidationError("--focal-exponent \(focalExponent) is not possible; take 0 to 10.")
    }
    let areTverskyWeights = tverskyWeights.count == 2 && tverskyWeights.allSatisfy { $0 >= 0 && $0.isFinite }
    guard tverskyWeights.isEmpty || areTverskyWeights && tverskyWeights.contains(where: { $0 > 0 }) else {
      throw ValidationError("--tversky-weights takes two numbers that are not negative, such as 0.3 0.7.")
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
    if let averagesClasses { settings.averagesClasses = averagesClasses }
    if let focalExponent { settings.focalExponent = focalExponent }
    if !tverskyWeights.isEmpty {
      (settings.falsePositiveWeight, settings.falseNegativeWeight) = (tverskyWeights[0], tverskyWeights[1])
    }
    if settings != saved ?? LossSettings() {
      try overrides.set(\.lossSettings, settings, "a variant of the loss")
    }
  }
}
