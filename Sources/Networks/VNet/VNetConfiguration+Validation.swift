extension VNetConfiguration {
  func validate() throws(ConfigurationError) {
    try requireOption("--convolution-size", convolutionSize, 1...9)
    guard convolutionSize % 2 == 1 else { throw .evenConvolutionSize(convolutionSize) }
    try requireOption("the number of --downscale-blocks", depth, 1...6)
    try requireOption("the convolutions of the input block", inputBlock, 1...8)
    for count in downscaleBlocks { try requireOption("--downscale-blocks", count, 1...8) }
    for count in upscaleBlocks { try requireOption("--upscale-blocks", count, 1...8) }
    guard upscaleBlocks.count == depth || upscaleBlocks.count == depth - 1 else {
      throw .wrongNumberOfUpscaleBlocks(found: upscaleBlocks.count, downscaleBlocks: depth)
    }
  }

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
}
