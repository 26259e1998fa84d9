import TensorGraph

/// out = features + image, where the image has one channel, in the layout N, C/block, voxels, block.
struct ChannelBroadcastKernel {
  /// Rows of voxels: N times C/block.
  let rows: Int
  /// C/block.
  let rowsPerImage: Int
  let voxels: Int
  let block: Int

  /// Returns the work on operands of one dtype, float32 or bfloat16.
  func work(
    _ dtype: DType, _ image: UnsafeMutableRawPointer, _ features: UnsafeMutableRawPointer,
    _ out: UnsafeMutableRawPointer
  ) -> () -> Void {
    dtype == .bf16 ? work(BrainFloat.self, image, features, out) : work(Float.self, image, features, out)
  }

  private func work<Element: StoredElement>(
    _: Element.Type, _ image: UnsafeMutableRawPointer, _ features: UnsafeMutableRawPointer,
    _ out: UnsafeMutableRawPointer
  ) -> () -> Void {
    let image = UnsafePointer(image.assumingMemoryBound(to: Element.self))
    let features = UnsafePointer(features.assumingMemoryBound(to: Element.self))
    let out = out.assumingMemoryBound(to: Element.self)
    return {
      Parallel.forRanges(rows * voxels, grain: 1024) { range in
        for position in range {
          let (row, voxel) = (position / voxels, position % voxels)
          let value = image[row / rowsPerImage * voxels + voxel].number
          let base = position * block
          for c in base..<base + block { out[c] = Element(rounding: features[c].number + value) }
        }
      }
    }
  }
}
