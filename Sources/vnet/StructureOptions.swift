import ArgumentParser
import Networks
import Segmentation
import TensorGraph
import Training

extension Preset: ExpressibleByArgument {}
extension Activation: ExpressibleByArgument {}
extension NormalizationLayer: ExpressibleByArgument {}
extension Downsampling: ExpressibleByArgument {}
extension Upsampling: ExpressibleByArgument {}
extension Padding: ExpressibleByArgument {}
extension ResidualPosition: ExpressibleByArgument {}
extension OutputConvolution: ExpressibleByArgument {}
extension Loss: ExpressibleByArgument {}
extension OptimizerKind: ExpressibleByArgument {}
extension LearningRateSchedule: ExpressibleByArgument {}
extension CheckpointChoice: ExpressibleByArgument {}
extension SplitChoice: ExpressibleByArgument {}

/// Options that change the network's structure; what is not given comes from the preset.
struct StructureOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Voxels along i, j, k that scans are resampled to.", valueName: "i j k"))
  var inputShape: [Int] = []

  @Option(help: "Channels at full resolution; each halving of the grid doubles them (preset: 16).")
  var filters: Int?

  @Option(help: "Extent of the convolutions' kernels (3; milletari: 5).")
  var convolutionSize: Int?

  @Option(help: "Convolutions at full resolution before the first halving (1; unpadded: 2).")
  var inputBlock: Int?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Convolutions of each stage on the way down (3 3 3; milletari: 2 3 3 3; unpadded: 2 2).",
      valueName: "n ..."))
  var downscaleBlocks: [Int] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Convolutions of each stage on the way up (3 3; milletari: 3 3 2 1; unpadded: 2 2). As many stages as on "
        + "the way down use the full-resolution skip; one fewer does not.",
      valueName: "n ..."))
  var upscaleBlocks: [Int] = []

  @Option(help: "Activation (relu; milletari: prelu).")
  var activation: Activation?

  @Option(help: "Normalisation between convolution and activation (batchnorm; milletari: none).")
  var normalizationLayer: NormalizationLayer?

  @Option(help: "How the grid is halved (conv; unpadded: max-pool).")
  var pooling: Downsampling?

  @Option(help: "How the grid is doubled.")
  var upsampling: Upsampling?

  @Option(help: "Padding of the convolutions (same; unpadded: valid).")
  var padding: Padding?

  @Option(help: "Where a block adds its input (after-activation; milletari: before-activation).")
  var residualPosition: ResidualPosition?

  @Option(help: "The convolution that gives the classes: full size or pointwise (full; others: pointwise).")
  var outputConvolution: OutputConvolution?

  /// Applies what was given.
  func apply(to overrides: inout OptionOverrides) throws {
    try overrides.set(\.configuration.inputShape, list(inputShape), "--input-shape")
    try overrides.set(\.configuration.filters, filters, "--filters")
    try overrides.set(\.configuration.convolutionSize, convolutionSize, "--convolution-size")
    try overrides.set(\.configuration.inputBlock, inputBlock, "--input-block")
    try overrides.set(\.configuration.downscaleBlocks, list(downscaleBlocks), "--downscale-blocks")
    try overrides.set(\.configuration.upscaleBlocks, list(upscaleBlocks), "--upscale-blocks")
    try overrides.set(\.configuration.activation, activation, "--activation")
    try overrides.set(\.configuration.normalizationLayer, normalizationLayer, "--normalization-layer")
    try overrides.set(\.configuration.pooling, pooling, "--pooling")
    try overrides.set(\.configuration.upsampling, upsampling, "--upsampling")
    try overrides.set(\.configuration.padding, padding, "--padding")
    try overrides.set(\.configuration.residualPosition, residualPosition, "--residual-position")
    try overrides.set(\.configuration.outputConvolution, outputConvolution, "--output-convolution")
  }

  private func list(_ values: [Int]) -> [Int]? { values.isEmpty ? nil : values }
}

/// Training options under construction: a preset's defaults or, when resuming, a model's own, which no option
/// may contradict.
struct OptionOverrides {
  private(set) var options: TrainingOptions
  private let isSaved: Bool

  init(defaults: TrainingOptions) {
    options = defaults
    isSaved = false
  }

  init(saved: TrainingOptions) {
    options = saved
    isSaved = true
  }

  /// - Throws: `SegmentationError.optionConflict` when a saved option was given another value.
  mutating func set<Value: Equatable>(
    _ path: WritableKeyPath<TrainingOptions, Value>, _ given: Value?, _ option: String
  ) throws {
    guard let given, given != options[keyPath: path] else { return }
    if isSaved {
      throw SegmentationError.optionConflict(
        option: option, given: optionText(given), saved: optionText(options[keyPath: path]))
    }
    options[keyPath: path] = given
  }

  /// As above, for an option that may be missing.
  mutating func set<Value: Equatable>(
    _ path: WritableKeyPath<TrainingOptions, Value?>, _ given: Value?, _ option: String
  ) throws {
    guard let given, given != options[keyPath: path] else { return }
    if isSaved {
      throw SegmentationError.optionConflict(
        option: option, given: optionText(given),
        saved: options[keyPath: path].map { optionText($0) } ?? "none")
    }
    options[keyPath: path] = given
  }

  /// Sets an option that may change when a run goes on.
  mutating func setFreely<Value>(_ path: WritableKeyPath<TrainingOptions, Value>, _ given: Value?) {
    if let given { options[keyPath: path] = given }
  }
}

/// An option's value as it is typed.
private func optionText(_ value: Any) -> String {
  switch value {
  case let list as [Int]: list.map(String.init).joined(separator: " ")
  case let dtype as DType: dtype == .f16 ? "fp16" : dtype.rawValue
  case let choice as any RawRepresentable: "\(choice.rawValue)"
  case let limit as ClipNorm: limit.description
  default: "\(value)"
  }
}
