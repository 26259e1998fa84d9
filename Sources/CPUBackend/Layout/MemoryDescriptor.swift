import TensorGraph

/// The dtype, extents and physical layout of a tensor in memory.
struct MemoryDescriptor: Hashable, Sendable {
  /// How the elements follow one another.
  enum Format: Hashable {
    case rowMajor
    /// A batch in blocks of 16 channels, `[N, C/16, D, H, W, 16]`.
    case blocked
    /// A filter in blocks of 16 channels, `[O/16, I/16, KD, KH, KW, 16 i, 16 o]`.
    case blockedWeights
  }

  /// The channels of a block. Those beyond the last one of the tensor are zero.
  static let blockSize = 16

  let type: TensorType
  let format: Format

  private init(_ type: TensorType, _ format: Format) {
    self.type = type
    self.format = format
  }

  init(rowMajor type: TensorType) { self.init(type, .rowMajor) }

  /// - Parameter type: `[N, D, H, W, C]`.
  init(blocked type: TensorType) {
    precondition(type.shape.rank == 5, "a batch in blocks of channels has five axes, not those of \(type)")
    self.init(type, .blocked)
  }

  /// - Parameter type: `[KD, KH, KW, I, O]`.
  init(blockedWeights type: TensorType) {
    precondition(type.shape.rank == 5, "a filter in blocks of channels has five axes, not those of \(type)")
    self.init(type, .blockedWeights)
  }

  var isBlocked: Bool { format != .rowMajor }

  /// The number of elements in memory, padding included.
  var paddedElementCount: Int {
    let shape = type.shape
    func padded(_ channels: Int) -> Int { shares(of: channels, Self.blockSize) * Self.blockSize }
    switch format {
    case .rowMajor: return shape.elementCount
    case .blocked: return shape[0] * shape[1] * shape[2] * shape[3] * padded(shape[4])
    case .blockedWeights: return shape[0] * shape[1] * shape[2] * padded(shape[3]) * padded(shape[4])
    }
  }

  var byteCount: Int { paddedElementCount * type.dtype.byteCount }

  /// Whether there are zeros in memory that are no elements.
  var isPadded: Bool { paddedElementCount != type.shape.elementCount }

  /// Channels that lie side by side for each voxel of a batch: 16, or all; nil for filters in blocks and for what is no
  /// batch at all.
  var channelBlock: Int? {
    switch format {
    case .rowMajor: type.shape.rank > 0 ? type.shape.channels : nil
    case .blocked: Self.blockSize
    case .blockedWeights: nil
    }
  }

  /// For plans.
  var layoutSummary: String {
    switch format {
    case .rowMajor: "row-major"
    case .blocked: "blocked 16c"
    case .blockedWeights: "blocked 16i16o"
    }
  }
}
