extension VNetConfiguration {
  /// The longest axis that an input may have, in voxels.
  private static let largestExtent = 2048

  /// - Throws: `ConfigurationError` for the first option that cannot be had.
  public func validate() throws(ConfigurationError) {
    try require("--filters", filters, 1...1024)
    try require("--convolution-size", convolutionSize, 1...9)
    guard convolutionSize % 2 == 1 else { throw .evenConvolutionSize(convolutionSize) }
    try require("the number of classes", classCount, 2...255)
    try require("the number of channels", inputChannels, 1...64)
    try require("the number of --downscale-blocks", depth, 1...6)
    try require("the convolutions of the input block", inputBlock, 1...8)
    for count in downscaleBlocks { try require("--downscale-blocks", count, 1...8) }
    for count in upscaleBlocks { try require("--upscale-blocks", count, 1...8) }
    guard upscaleBlocks.count == depth || upscaleBlocks.count == depth - 1 else {
      throw .wrongNumberOfUpscaleBlocks(found: upscaleBlocks.count, downscaleBlocks: depth)
    }
    guard inputShape.count == 3 else { throw .wrongNumberOfExtents(inputShape) }
    for extent in inputShape { try require("--input-shape", extent, 1...Self.largestExtent) }
    guard inputShape.allSatisfy({ outputExtent($0) != nil }) else {
      throw .invalidInputShape(found: inputShape, nearest: nearestInputShapes)
    }
  }

  private func require(
    _ option: String, _ value: Int, _ allowed: ClosedRange<Int>
  ) throws(ConfigurationError) {
    guard allowed.contains(value) else { throw .outOfRange(option: option, value: value, allowed: allowed) }
  }

  /// The extents of the logits along D, H, W; the input's own unless padding is valid.
  /// - Precondition: the configuration is valid.
  public var outputShape: [Int] { inputShape.map { outputExtent($0)! } }

  /// The extent of the logits along an axis of the given input extent, in voxels; nil where some stage would
  /// halve an odd number or run out of voxels, or a skip could not be cropped evenly.
  func outputExtent(_ input: Int) -> Int? {
    var extent = input - loss(inputBlock)
    var skips = [extent]
    for count in downscaleBlocks {
      guard extent > 0, extent % 2 == 0 else { return nil }
      extent = extent / 2 - loss(count)
      skips.append(extent)
    }
    guard extent > 0 else { return nil }
    skips.removeLast()
    for count in upscaleBlocks {
      extent *= 2
      let skip = skips.removeLast()
      guard skip >= extent, (skip - extent) % 2 == 0 else { return nil }
      extent -= loss(count)
      guard extent > 0 else { return nil }
    }
    if !usesFullResolutionSkip { extent *= 2 }
    if outputConvolution == .full { extent -= loss(1) }
    return extent > 0 ? extent : nil
  }

  /// Voxels lost along an axis by some convolutions.
  private func loss(_ convolutions: Int) -> Int {
    padding == .same ? 0 : convolutions * (convolutionSize - 1)
  }

  /// The nearest shapes that fit, below and above, each axis by itself; none where some axis has no extent that
  /// fits.
  private var nearestInputShapes: [[Int]] {
    var (below, above): ([Int], [Int]) = ([], [])
    for extent in inputShape {
      let lower = (1...extent).last { outputExtent($0) != nil }
      let upper = (extent...Self.largestExtent).first { outputExtent($0) != nil }
      guard let nearest = lower ?? upper else { return [] }
      below.append(nearest)
      above.append(upper ?? nearest)
    }
    return below == above ? [below] : [below, above]
  }
}
