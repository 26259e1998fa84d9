import CPUKernels
import TensorGraph

/// Passes over a batch in blocks of 16 channels, in parts: some voxels of one block of one image.
struct ChannelPass {
  /// A part's voxels: what two passes over it find in the second-level cache.
  private static let voxelsPerPart = 2048
  static let blockSize = 16

  let kernel: ChannelKernel
  let storage: KernelStorage
  let channels: Int
  private let images: Int
  private let voxels: Int
  private let elementSize: Int
  private let threadCount: Int

  /// - Parameter type: `[N, D, H, W, C]` of float32 or bfloat16.
  init(_ type: TensorType, _ kernel: UnsafePointer<ChannelKernel>, threadCount: Int) {
    self.kernel = kernel.pointee
    self.threadCount = threadCount
    storage = type.dtype.kernelStorage
    elementSize = type.dtype.byteCount
    channels = type.shape.channels
    images = type.shape[0]
    voxels = type.shape[1] * type.shape[2] * type.shape[3]
  }

  /// Voxels of a channel over all images.
  var voxelCount: Int { images * voxels }
  /// The channels of whole blocks.
  var paddedChannels: Int { (channels + Self.blockSize - 1) / Self.blockSize * Self.blockSize }
  private var partsPerBlock: Int { (voxels + Self.voxelsPerPart - 1) / Self.voxelsPerPart }
  private var blocks: Int { paddedChannels / Self.blockSize }
  var partCount: Int { images * blocks * partsPerBlock }

  struct Part {
    let index: Int
    /// The first channel of its block.
    let channel: Int
    /// Bytes from the start of the tensor.
    let offset: Int
    let voxels: Int
  }

  private func part(_ index: Int) -> Part {
    let (block, piece) = (index / partsPerBlock, index % partsPerBlock)
    let first = piece * Self.voxelsPerPart
    return Part(
      index: index, channel: block % blocks * Self.blockSize,
      offset: (block * voxels + first) * Self.blockSize * elementSize,
      voxels: min(Self.voxelsPerPart, voxels - first))
  }

  /// Calls back with every part, on all threads.
  func forEachPart(_ body: (Part) -> Void) {
    Parallel.forItems(partCount, threadCount: threadCount) { index, _ in body(part(index)) }
  }

  /// Calls back, one after the other, with each part and the channels of its block that are not padding.
  func forEachChannel(_ body: (_ part: Part, _ channel: Int, _ lane: Int) -> Void) {
    for index in 0..<partCount {
      let part = part(index)
      for lane in 0..<min(Self.blockSize, channels - part.channel) { body(part, part.channel + lane, lane) }
    }
  }

  /// Sums 16 floats of each part into one number a channel.
  ///
  /// - Parameter sums: part i's begin at `stride * i`.
  func total(
    _ sums: UnsafePointer<Float>, stride: Int = blockSize, into totals: UnsafeMutableBufferPointer<Double>
  ) {
    totals.update(repeating: 0)
    forEachChannel { part, channel, lane in totals[channel] += Double(sums[part.index * stride + lane]) }
  }
}
