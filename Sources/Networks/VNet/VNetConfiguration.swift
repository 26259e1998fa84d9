/// What stands between a convolution and its activation, as it is typed and saved.
public enum NormalizationLayer: String, Codable, Sendable, CaseIterable {
  case batchnorm
  case instanceNorm = "instance-norm"
  case none
}

/// How a stage on the way down halves the grid.
public enum Downsampling: String, Codable, Sendable, CaseIterable {
  /// A convolution of 2^3, stride 2, that doubles the channels.
  case conv
  /// Max pooling of 2^3; the stage's first convolution doubles the channels.
  case maxPool = "max-pool"
}

/// How a stage on the way up doubles the grid.
public enum Upsampling: String, Codable, Sendable, CaseIterable {
  /// A transposed convolution of 2^3, stride 2, to the skip's number of channels.
  case transposedConv = "transposed-conv"
}

/// Where a block adds its input.
public enum ResidualPosition: String, Codable, Sendable, CaseIterable {
  case beforeLastActivation = "before-activation"
  case afterLastActivation = "after-activation"
}

/// The convolution that gives the classes' logits.
public enum OutputConvolution: String, Codable, Sendable, CaseIterable {
  /// Of the network's own convolution size.
  case full
  /// 1x1x1.
  case pointwise
}

/// The structure of a V-Net: which graph the model builder builds.
///
/// Level 0 has the full resolution and `filters` channels; each stage on the way down halves the grid and
/// doubles the channels; each stage on the way up undoes one of them.
public struct VNetConfiguration: Codable, Hashable, Sendable {
  /// Channels at full resolution.
  public var filters: Int
  /// Extent of the kernels, in voxels; 2^3 kernels that change the resolution excepted.
  public var convolutionSize: Int
  /// Convolutions of the block at full resolution, before the first halving.
  public var inputBlock: Int
  /// Convolutions of each stage on the way down.
  public var downscaleBlocks: [Int]
  /// Convolutions of each stage on the way up. One fewer than `downscaleBlocks`: the last doubling goes straight
  /// to the logits, and the full-resolution skip is not used. As many: it is.
  public var upscaleBlocks: [Int]
  public var activation: Activation
  public var normalizationLayer: NormalizationLayer
  public var pooling: Downsampling
  public var upsampling: Upsampling
  public var padding: Padding
  public var residualPosition: ResidualPosition
  public var outputConvolution: OutputConvolution
  /// nil, which earlier versions saved, for the reference system's: Glorot's.
  public var weightInitialization: WeightInitialization?
  /// What batch norm's moving statistics keep at each step; nil, which earlier versions saved, for the reference system's.
  public var batchNormMomentum: Double?

  /// The largest number of halvings.
  var depth: Int { downscaleBlocks.count }

  /// Whether the skip at full resolution is concatenated on the way up.
  var usesFullResolutionSkip: Bool { upscaleBlocks.count == downscaleBlocks.count }
}
