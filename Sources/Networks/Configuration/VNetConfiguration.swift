/// What a convolution is followed by.
public enum Activation: String, Codable, Sendable, CaseIterable {
  case relu
  /// max(x, 0) + alpha min(x, 0) with one learned alpha per channel.
  case prelu
  case none
}

/// What stands between a convolution and its activation.
public enum NormalizationLayer: String, Codable, Sendable, CaseIterable {
  case batchnorm
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

/// What a convolution sees beyond the grid's edge.
public enum Padding: String, Codable, Sendable, CaseIterable {
  /// Zeros, so that the grid keeps its size.
  case same
  /// Nothing: the grid shrinks by the kernel less one.
  case valid
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

/// How the kernels start.
public enum WeightInitialization: String, Codable, Sendable, CaseIterable {
  /// Even, by the number of inputs and outputs.
  case glorotUniform = "glorot-uniform"
  /// Normal, by the number of inputs.
  case heNormal = "he-normal"
}

/// The structure of a V-Net: which graph the model builder builds.
///
/// Level 0 has the full resolution and `filters` channels; each stage on the way down halves the grid and
/// doubles the channels; each stage on the way up undoes one of them.
public struct VNetConfiguration: Codable, Hashable, Sendable {
  /// Voxels along D, H, W.
  public var inputShape: [Int]
  public var inputChannels: Int
  /// Classes, the background included.
  public var classCount: Int
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

  static let referenceBatchNormMomentum = 0.99

  /// The largest number of halvings.
  var depth: Int { downscaleBlocks.count }

  /// What the extents of an input are multiples of, where padding is same: 2 for each halving.
  public var stride: Int { 1 << depth }

  /// Whether the skip at full resolution is concatenated on the way up.
  var usesFullResolutionSkip: Bool { upscaleBlocks.count == downscaleBlocks.count }
}

/// A named configuration.
public enum Preset: String, Codable, Sendable, CaseIterable {
  /// The reference system's network for the hippocampus task.
  case hippocampus
  /// The network of the V-Net paper. Source: Milletari et al. 2016, figure 2 and table 1.
  case milletari
  /// Valid convolutions, max pooling, cropped skips: the classic variant of the reference system's README.
  case unpadded
  /// The network of the accurate recipe: the hippocampus preset with the full-resolution skip used, one convolution on
  /// it, and a 1x1x1 convolution to the classes.
  case accurate

  /// The configuration, for one input channel and two foreground classes until a data set says otherwise.
  public var configuration: VNetConfiguration {
    switch self {
    case .hippocampus:
      VNetConfiguration(
        inputShape: [32, 32, 32], inputChannels: 1, classCount: 3, filters: 16, convolutionSize: 3,
        inputBlock: 1, downscaleBlocks: [3, 3, 3], upscaleBlocks: [3, 3], activation: .relu,
        normalizationLayer: .batchnorm, pooling: .conv, upsampling: .transposedConv, padding: .same,
        residualPosition: .afterLastActivation, outputConvolution: .full)
    case .milletari:
      VNetConfiguration(
        inputShape: [128, 128, 64], inputChannels: 1, classCount: 3, filters: 16, convolutionSize: 5,
        inputBlock: 1, downscaleBlocks: [2, 3, 3, 3], upscaleBlocks: [3, 3, 2, 1], activation: .prelu,
        normalizationLayer: .none, pooling: .conv, upsampling: .transposedConv, padding: .same,
        residualPosition: .beforeLastActivation, outputConvolution: .pointwise)
    case .unpadded:
      VNetConfiguration(
        inputShape: [60, 60, 60], inputChannels: 1, classCount: 3, filters: 16, convolutionSize: 3,
        inputBlock: 2, downscaleBlocks: [2, 2], upscaleBlocks: [2, 2], activation: .relu,
        normalizationLayer: .batchnorm, pooling: .maxPool, upsampling: .transposedConv, padding: .valid,
        residualPosition: .afterLastActivation, outputConvolution: .pointwise)
    case .accurate:
      VNetConfiguration(
        inputShape: [32, 48, 32], inputChannels: 1, classCount: 3, filters: 16, convolutionSize: 3,
        inputBlock: 1, downscaleBlocks: [3, 3, 3], upscaleBlocks: [3, 3, 1], activation: .relu,
        normalizationLayer: .batchnorm, pooling: .conv, upsampling: .transposedConv, padding: .same,
        residualPosition: .afterLastActivation, outputConvolution: .pointwise,
        weightInitialization: .heNormal,
        batchNormMomentum: 0.9)
    }
  }
}
