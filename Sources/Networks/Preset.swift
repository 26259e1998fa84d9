/// A named network.
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
  /// The same network, for a training of minutes.
  case fast

  /// The network, for one input channel and two foreground classes until a data set says otherwise.
  public var network: Network {
    Network(inputShape: inputShape, inputChannels: 1, classCount: 3, architecture: .vnet(vnet))
  }

  /// Voxels along D, H, W.
  private var inputShape: [Int] {
    switch self {
    case .hippocampus: [32, 32, 32]
    case .milletari: [128, 128, 64]
    case .unpadded: [60, 60, 60]
    case .accurate, .fast: [32, 48, 32]
    }
  }

  private var vnet: VNetConfiguration {
    switch self {
    case .hippocampus:
      VNetConfiguration(
        filters: 16, convolutionSize: 3,
        inputBlock: 1, downscaleBlocks: [3, 3, 3], upscaleBlocks: [3, 3], activation: .relu,
        normalizationLayer: .batchnorm, pooling: .conv, upsampling: .transposedConv, padding: .same,
        residualPosition: .afterLastActivation, outputConvolution: .full)
    case .milletari:
      VNetConfiguration(
        filters: 16, convolutionSize: 5,
        inputBlock: 1, downscaleBlocks: [2, 3, 3, 3], upscaleBlocks: [3, 3, 2, 1], activation: .prelu,
        normalizationLayer: .none, pooling: .conv, upsampling: .transposedConv, padding: .same,
        residualPosition: .beforeLastActivation, outputConvolution: .pointwise)
    case .unpadded:
      VNetConfiguration(
        filters: 16, convolutionSize: 3,
        inputBlock: 2, downscaleBlocks: [2, 2], upscaleBlocks: [2, 2], activation: .relu,
        normalizationLayer: .batchnorm, pooling: .maxPool, upsampling: .transposedConv, padding: .valid,
        residualPosition: .afterLastActivation, outputConvolution: .pointwise)
    case .accurate, .fast:
      VNetConfiguration(
        filters: 16, convolutionSize: 3,
        inputBlock: 1, downscaleBlocks: [3, 3, 3], upscaleBlocks: [3, 3, 1], activation: .relu,
        normalizationLayer: .batchnorm, pooling: .conv, upsampling: .transposedConv, padding: .same,
        residualPosition: .afterLastActivation, outputConvolution: .pointwise,
        weightInitialization: .heNormal, batchNormMomentum: 0.9)
    }
  }
}
