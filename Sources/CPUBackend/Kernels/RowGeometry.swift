import TensorGraph

/// How a batch `[N, D, H, W, C]` lies in memory, and the parts in which a row program takes it: some neighbouring
/// voxels, with all their channels or one block of them side by side.
struct RowGeometry {
  let images: Int
  let voxels: Int
  let channels: Int
  /// Channels that lie side by side.
  let lanes: Int
  /// Voxels that go through all operations at once.
  let voxelsPerPart: Int

  /// A row-major batch.
  init(rowMajor shape: Shape) { self.init(shape, lanes: shape.channels, voxelsPerPart: 512) }

  /// A batch in blocks of channels.
  init(_ shape: Shape, block: Int) { self.init(shape, lanes: block, voxelsPerPart: 128) }

  private init(_ shape: Shape, lanes: Int, voxelsPerPart: Int) {
    images = shape[0]
    voxels = shape[1] * shape[2] * shape[3]
    channels = shape.channels
    self.lanes = lanes
    self.voxelsPerPart = voxelsPerPart
  }

  var blocks: Int { (channels + lanes - 1) / lanes }
  var elementsPerPart: Int { voxelsPerPart * lanes }
  private var partsPerBlock: Int { (voxels + voxelsPerPart - 1) / voxelsPerPart }
  var partCount: Int { images * blocks * partsPerBlock }

  /// The parts of one block of one image, in their order.
  func parts(image: Int, block: Int) -> Range<Int> {
    let first = (image * blocks + block) * partsPerBlock
    return first..<first + partsPerBlock
  }

  /// Some neighbouring voxels of one block of one image.
  struct Part {
    let index: Int
    let image: Int
    /// The first channel of the block.
    let channel: Int
    /// Channels of the block that are not padding.
    let channelCount: Int
    /// The first voxel among those of all images.
    let voxel: Int
    /// The first element of a whole tensor.
    let element: Int
    let count: Int
  }

  func part(_ index: Int) -> Part {
    let (row, first) = (index / partsPerBlock, index % partsPerBlock * voxelsPerPart)
    let (image, channel) = (row / blocks, row % blocks * lanes)
    return Part(
      index: index, image: image, channel: channel, channelCount: min(lanes, channels - channel),
      voxel: image * voxels + first, element: (row * voxels + first) * lanes,
      count: min(voxelsPerPart, voxels - first))
  }
}
