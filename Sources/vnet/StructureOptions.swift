import ArgumentParser
import Networks
import Segmentation
import TensorGraph
import Training

extension Preset: ExpressibleByArgument {}
extension Architecture.Kind: ExpressibleByArgument {}
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

/// Options that choose the network and change its structure; what is not given comes from the preset, for other
/// networks than the V-Net from their own defaults.
struct StructureOptions: ParsableArguments {
  @Option(help: "Network: vnet or residual-unet (vnet).")
  var network: Architecture.Kind?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Voxels along i, j, k that scans are resampled to.", valueName: "i j k"))
  var inputShape: [Int] = []

  @Option(
    help:
      "Channels at full resolution; each halving of the grid doubles them (16; residual-unet: 32, at most 320)."
  )
  var filters: Int?

  // MARK: V-Net

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

  // MARK: Residual U-Net

  @Option(help: "residual-unet: resolutions, one more than halvings of the grid (4).")
  var stages: Int?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "residual-unet: residual blocks of each stage of the encoder (1 3 4 6 6 6 6, as many as stages).",
      valueName: "n ..."))
  var blocks: [Int] = []

  @Flag(
    inversion: .prefixedNo, help: "residual-unet: train coarser stages of the decoder on the labels, too.")
  var deepSupervision: Bool?

  // MARK: Applying

  /// Applies what was given.
  ///
  /// - Throws: `ValidationError` for an option of another network than the one that was chosen.
  func apply(to overrides: inout OptionOverrides) throws {
    try overrides.set(\.network.architecture.kind, network, "--network")
    try requireApplicable(to: overrides.options.network.architecture.kind)
    try overrides.set(\.network.inputShape, list(inputShape), "--input-shape")
    try overrides.set(\.network.architecture.filters, filters, "--filters")
    try applyVNet(to: &overrides)
    try applyResidualUNet(to: &overrides)
  }

  private func applyVNet(to overrides: inout OptionOverrides) throws {
    let vnet: WritableKeyPath<TrainingOptions, VNetConfiguration> = \.network.architecture.vnet!
    func set<Value: Equatable>(
      _ path: WritableKeyPath<VNetConfiguration, Value>, _ given: Value?, _ option: String
    ) throws {
      try overrides.set(vnet.appending(path: path), given, option)
    }
    try set(\.convolutionSize, convolutionSize, "--convolution-size")
    try set(\.inputBlock, inputBlock, "--input-block")
    try set(\.downscaleBlocks, list(downscaleBlocks), "--downscale-blocks")
    try set(\.upscaleBlocks, list(upscaleBlocks), "--upscale-blocks")
    try set(\.activation, activation, "--activation")
    try set(\.normalizationLayer, normalizationLayer, "--normalization-layer")
    try set(\.pooling, pooling, "--pooling")
    try set(\.upsampling, upsampling, "--upsampling")
    try set(\.padding, padding, "--padding")
    try set(\.residualPosition, residualPosition, "--residual-position")
    try set(\.outputConvolution, outputConvolution, "--output-convolution")
  }

  private func applyResidualUNet(to overrides: inout OptionOverrides) throws {
    let residualUNet: WritableKeyPath<TrainingOptions, ResidualUNetConfiguration> =
      \.network.architecture.residualUNet!
    func set<Value: Equatable>(
      _ path: WritableKeyPath<ResidualUNetConfiguration, Value>, _ given: Value?, _ option: String
    ) throws {
      try overrides.set(residualUNet.appending(path: path), given, option)
    }
    try set(\.stages, stages, "--stages")
    try set(\.blocks, list(blocks), "--blocks")
    try set(\.usesDeepSupervision, deepSupervision, "--deep-supervision")
  }

  /// The options that belong to one network, with whether they were given.
  private func options(of kind: Architecture.Kind) -> [(name: String, isGiven: Bool)] {
    switch kind {
    case .vnet:
      [
        ("--convolution-size", convolutionSize != nil), ("--input-block", inputBlock != nil),
        ("--downscale-blocks", !downscaleBlocks.isEmpty), ("--upscale-blocks", !upscaleBlocks.isEmpty),
        ("--activation", activation != nil), ("--normalization-layer", normalizationLayer != nil),
        ("--pooling", pooling != nil), ("--upsampling", upsampling != nil), ("--padding", padding != nil),
        ("--residual-position", residualPosition != nil), ("--output-convolution", outputConvolution != nil),
      ]
    case .residualUNet:
      [
        ("--stages", stages != nil), ("--blocks", !blocks.isEmpty),
        ("--deep-supervision", deepSupervision != nil),
      ]
    }
  }

  private func requireApplicable(to chosen: Architecture.Kind) throws {
    for kind in Architecture.Kind.allCases where kind != chosen {
      for option in options(of: kind) where option.isGiven {
        throw ValidationError(
          "\(option.name) belongs to --network \(kind.rawValue), but the network is \(chosen.rawValue); "
            + "leave it out, or take the other network.")
      }
    }
    if let stages, !blocks.isEmpty, blocks.count != stages {
      throw ValidationError(
        "--blocks lists \(blocks.count) stages, but --stages is \(stages); leave one of them out.")
    }
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
