/// The structure of a U-Net whose encoder is made of residual blocks.
///
/// Stage 0 has the full resolution and `filters` channels; each further stage of the encoder halves the grid and doubles
/// the channels, up to 320. The decoder undoes the halvings one by one, with one convolution each.
///
/// Source: Isensee et al. 2024, "nnU-Net Revisited", arXiv 2404.09556 (ResEnc). Deviations: the shortcut of a strided
/// block is a strided 1x1x1 convolution with norm, as in He et al. 2016, where theirs pools before it; it has a bias.
public struct ResidualUNetConfiguration: Codable, Hashable, Sendable {
  /// Channels at full resolution.
  public var filters: Int
  /// Residual blocks of each stage of the encoder, the full resolution first.
  public var blocks: [Int]
  /// Whether coarser stages of the decoder give logits, too, in training.
  public var usesDeepSupervision: Bool

  /// Source: nnU-Net's ResEnc plans: 32 channels; 1, 3, 4 and then 6 blocks.
  public init(filters: Int = 32, stages: Int = 4, usesDeepSupervision: Bool = false) {
    self.filters = filters
    blocks = Self.standardBlocks(stages: stages)
    self.usesDeepSupervision = usesDeepSupervision
  }

  private static func standardBlocks(stages: Int) -> [Int] {
    Array(([1, 3, 4] + Array(repeating: 6, count: max(0, stages - 3))).prefix(max(0, stages)))
  }

  /// The resolutions, one more than halvings; setting them takes the standard blocks of each.
  public var stages: Int {
    get { blocks.count }
    set { if newValue != stages { blocks = Self.standardBlocks(stages: newValue) } }
  }
}
