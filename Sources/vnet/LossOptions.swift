import ArgumentParser
import Networks
import Segmentation

extension LossName: ExpressibleByArgument {}

/// Options of the loss; what is not given comes from the preset.
struct LossOptions: ParsableArguments {
  @Option(help: ArgumentHelp("What is made small (\(presetDefaults { $0.loss.name.rawValue }))."))
  var loss: LossName?

  @Flag(
    name: .customLong("loss-background"), inversion: .prefixedNo,
    help: ArgumentHelp(
      "Count the background's overlap, too "
        + "(\(presetDefaults(flag: "loss-background") { $0.loss.overlap?.includesBackground }))."))
  var includesBackground: Bool?

  @Flag(
    name: .customLong("loss-per-batch"), inversion: .prefixedNo,
    help: ArgumentHelp(
      "Take the overlap over the whole batch, not sample by sample "
        + "(\(presetDefaults(flag: "loss-per-batch") { $0.loss.overlap?.isPerBatch }))."))
  var isPerBatch: Bool?

  @Flag(
    name: .customLong("loss-squared"), inversion: .prefixedNo,
    help: ArgumentHelp(
      "Squares in the denominator of Dice, as in the V-Net paper "
        + "(\(presetDefaults(flag: "loss-squared") { $0.loss.squaresDenominator }))."))
  var squaresDenominator: Bool?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Weights of the classes, the background first, or of the regions (1 each).", valueName: "w ..."))
  var classWeights: [Double] = []

  @Flag(
    name: .customLong("loss-class-mean"), inversion: .prefixedNo,
    help: ArgumentHelp(
      "Take the mean of the classes' overlaps, not their sum "
        + "(\(presetDefaults(flag: "loss-class-mean") { $0.loss.overlap?.averagesClasses }))."))
  var averagesClasses: Bool?

  @Option(help: ArgumentHelp("Exponent of the focal loss (\(Loss(.focal).focalExponent!))."))
  var focalExponent: Int?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Weights of false positives and of false negatives in the Tversky loss "
        + "(\(ErrorWeights().falsePositives) \(ErrorWeights().falseNegatives)).", valueName: "fp fn"))
  var tverskyWeights: [Double] = []

  func validate() throws {
    guard classWeights.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw ValidationError("--class-weights takes numbers that are not negative.")
    }
    guard classWeights.isEmpty || classWeights.dropFirst().contains(where: { $0 > 0 }) else {
      throw ValidationError("--class-weights must give some foreground class more than 0.")
    }
    try require(focalExponent, "--focal-exponent", 0...10)
    let areTverskyWeights = tverskyWeights.count == 2 && tverskyWeights.allSatisfy { $0 >= 0 && $0.isFinite }
    guard tverskyWeights.isEmpty || areTverskyWeights && tverskyWeights.contains(where: { $0 > 0 }) else {
      throw ValidationError("--tversky-weights takes two numbers that are not negative, such as 0.3 0.7.")
    }
  }

  /// Applies what was given.
  func apply(to overrides: inout OptionOverrides) throws {
    try overrides.set(\.loss.name, loss, "--loss")
    try overrides.set(\.loss.classWeights, classWeights.isEmpty ? nil : classWeights, "--class-weights")
    let overlap = choices("--loss") { Loss($0).overlap != nil }
    try overrides.set(
      \.includesBackground, of: \.loss.overlap, includesBackground, "--loss-background", appliesWith: overlap)
    try overrides.set(
      \.isPerBatch, of: \.loss.overlap, isPerBatch, "--loss-per-batch", appliesWith: overlap)
    try overrides.set(
      \.averagesClasses, of: \.loss.overlap, averagesClasses, "--loss-class-mean", appliesWith: overlap)
    try overrides.set(
      \.self, of: \.loss.squaresDenominator, squaresDenominator, "--loss-squared",
      appliesWith: choices("--loss") { Loss($0).squaresDenominator != nil })
    try overrides.set(
      \.self, of: \.loss.focalExponent, focalExponent, "--focal-exponent",
      appliesWith: choices("--loss") { Loss($0).focalExponent != nil })
    try overrides.set(
      \.self, of: \.loss.errorWeights, errorWeights, "--tversky-weights",
      appliesWith: choices("--loss") { Loss($0).errorWeights != nil })
  }

  private var errorWeights: ErrorWeights? {
    tverskyWeights.isEmpty
      ? nil : ErrorWeights(falsePositives: tverskyWeights[0], falseNegatives: tverskyWeights[1])
  }
}
