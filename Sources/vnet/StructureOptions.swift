import ArgumentParser
import Networks
import Segmentation

extension Preset: ExpressibleByArgument {}
extension Activation: ExpressibleByArgument {}
extension NormalizationLayer: ExpressibleByArgument {}
extension Downsampling: ExpressibleByArgument {}
extension Upsampling: ExpressibleByArgument {}
extension Padding: ExpressibleByArgument {}
extension ResidualPosition: ExpressibleByArgument {}
extension OutputConvolution: ExpressibleByArgument {}
extension CheckpointChoice: ExpressibleByArgument {}
extension SplitChoice: ExpressibleByArgument {}

/// Options that change the network's structure; what is not given comes from the preset.
struct StructureOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Voxels along i, j, k that scans are resampled to, or of patches "
        + "(\(presetDefaults { $0.sampling.patches == nil ? numbers($0.configuration.inputShape) : "planned" })).",
      valueName: "i j k"))
  var inputShape: [Int] = []

  @Option(
    help: ArgumentHelp(
      "Channels at full resolution; each halving of the grid doubles them (\(networks { "\($0.filters)" })).")
  )
  var filters: Int?

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

/// The presets' defaults of a structure's option, for its help.
private func networks(_ value: (VNetConfiguration) -> String) -> String {
  presetDefaults { value($0.configuration) }
}

private func numbers(_ values: [Int]) -> String { values.map(String.init).joined(separator: " ") }
