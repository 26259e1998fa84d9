import ArgumentParser
import Networks
import Segmentation

extension Preset: ExpressibleByArgument {}
extension Architecture.Kind: ExpressibleByArgument {}
extension Activation: ExpressibleByArgument {}
extension NormalizationLayer: ExpressibleByArgument {}
extension Downsampling: ExpressibleByArgument {}
extension Upsampling: ExpressibleByArgument {}
extension Padding: ExpressibleByArgument {}
extension ResidualPosition: ExpressibleByArgument {}
extension OutputConvolution: ExpressibleByArgument {}
extension CheckpointChoice: ExpressibleByArgument {}
extension SplitChoice: ExpressibleByArgument {}

/// Options that choose the network and change its structure; what is not given comes from the preset, for other
/// networks than the V-Net from their own defaults.
struct StructureOptions: ParsableArguments {
  @Option(help: "Network: vnet or residual-unet (vnet).")
  var network: Architecture.Kind?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Voxels along right, front, up (i, j, k with --orientation stored) that scans are resampled to, or of patches "
        + "(\(presetDefaults { $0.sampling.patches == nil ? numbers($0.network.inputShape) : "planned" })).",
      valueName: "i j k"))
  var inputShape: [Int] = []

  @Option(
    help: ArgumentHelp(
      "Channels at full resolution; each halving of the grid doubles them (\(networks { "\($0.filters)" }); "
        + "residual-unet: \(ResidualUNetConfiguration().filters), at most 320)."))
  var filters: Int?

  // MARK: V-Net

  @Option(
    help: ArgumentHelp("Extent of the convolutions' kernels (\(networks { "\($0.convolutionSize)" }))."))
  var convolutionSize: Int?

  @Option(
    help: ArgumentHelp(
      "Convolutions at full resolution before the first halving (\(networks { "\($0.inputBlock)" }))."))
  var inputBlock: Int?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Convolutions of each stage on the way down (\(networks { numbers($0.downscaleBlocks) })).",
      valueName: "n ..."))
  var downscaleBlocks: [Int] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Convolutions of each stage on the way up (\(networks { numbers($0.upscaleBlocks) })). As many stages as on "
        + "the way down use the full-resolution skip; one fewer does not.",
      valueName: "n ..."))
  var upscaleBlocks: [Int] = []

  @Option(help: ArgumentHelp("Activation (\(networks { $0.activation.rawValue }))."))
  var activation: Activation?

  @Option(
    help: ArgumentHelp(
      "Normalisation between convolution and activation (\(networks { $0.normalizationLayer.rawValue }))."))
  var normalizationLayer: NormalizationLayer?

  @Option(help: ArgumentHelp("How the grid is halved (\(networks { $0.pooling.rawValue }))."))
  var pooling: Downsampling?

  @Option(help: ArgumentHelp("How the grid is doubled (\(networks { $0.upsampling.rawValue }))."))
  var upsampling: Upsampling?

  @Option(help: ArgumentHelp("Padding of the convolutions (\(networks { $0.padding.rawValue }))."))
  var padding: Padding?

  @Option(help: ArgumentHelp("Where a block adds its input (\(networks { $0.residualPosition.rawValue }))."))
  var residualPosition: ResidualPosition?

  @Option(
    help: ArgumentHelp(
      "The convolution that gives the classes: full size or pointwise (\(networks { $0.outputConvolution.rawValue }))."
    ))
  var outputConvolution: OutputConvolution?

  // MARK: Residual U-Net

  @Option(
    help: ArgumentHelp(
      "residual-unet: resolutions, one more than halvings of the grid (\(ResidualUNetConfiguration().stages))."
    ))
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

/// The presets' defaults of a structure's option, for its help.
private func networks(_ value: (VNetConfiguration) -> String) -> String {
  presetDefaults { value($0.network.architecture.vnet!) }
}

private func numbers(_ values: [Int]) -> String { values.map(String.init).joined(separator: " ") }
