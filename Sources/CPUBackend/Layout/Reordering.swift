import TensorGraph

/// Brings a tensor from one layout, or dtype, into another.
struct Reordering {
  private let source, target: MemoryDescriptor

  /// - Parameters: descriptors of one shape, and of one dtype or of floating-point ones.
  init(from source: MemoryDescriptor, to target: MemoryDescriptor) {
    precondition(
      source.type.shape.elementCount == target.type.shape.elementCount,
      "\(source.type) cannot be brought into the layout of \(target.type)")
    self.source = source
    self.target = target
  }

  func run(_ from: UnsafeMutableRawPointer, _ to: UnsafeMutableRawPointer) {
    let (dtype, result) = (source.type.dtype, target.type.dtype)
    if source.format == target.format {
      return castElements(dtype, result, source.paddedElementCount, from, to)
    }
    if dtype == result {
      switch dtype.byteCount {
      case 1: moveRows(UInt8.self, from, to)
      case 2: moveRows(UInt16.self, from, to)
      default: moveRows(UInt32.self, from, to)
      }
      return
    }
    switch dtype {
    case .f32: castRows(from: Float.self, from, to)
    case .bf16: castRows(from: BrainFloat.self, from, to)
    case .f16: castRows(from: Float16.self, from, to)
    case .i32, .bool: preconditionFailure("\(dtype.rawValue) is cast row-major")
    }
  }

  /// Moves elements of one size.
  private func moveRows<Element: FixedWidthInteger>(
    _: Element.Type, _ from: UnsafeMutableRawPointer, _ to: UnsafeMutableRawPointer
  ) {
    forEachRow(from.assumingMemoryBound(to: Element.self), to.assumingMemoryBound(to: Element.self), zero: 0)
    {
      $1.update(from: $0, count: $2)
    }
  }

  private func castRows<Source: StoredElement>(
    from: Source.Type, _ source: UnsafeMutableRawPointer, _ target: UnsafeMutableRawPointer
  ) {
    let x = source.assumingMemoryBound(to: Source.self)
    func cast<Target: StoredElement>(_: Target.Type) {
      forEachRow(x, target.assumingMemoryBound(to: Target.self), zero: Target(rounding: 0)) {
        from, to, count in
        for i in 0..<count { to[i] = Target(rounding: from[i].number) }
      }
    }
    switch self.target.type.dtype {
    case .f32: cast(Float.self)
    case .bf16: cast(BrainFloat.self)
    case .f16: cast(Float16.self)
    case .i32, .bool: preconditionFailure("\(self.target.type.dtype.rawValue) is cast row-major")
    }
  }

  /// Calls back with each row's elements in the source and the target and how many there are, and fills the padding of
  /// blocks with zeros.
  @inline(__always)
  private func forEachRow<Source, Target>(
    _ from: UnsafeMutablePointer<Source>, _ to: UnsafeMutablePointer<Target>, zero: Target,
    _ copy: (UnsafeMutablePointer<Source>, UnsafeMutablePointer<Target>, Int) -> Void
  ) {
    let isBlocking = source.format == .rowMajor
    let rows = BlockedRows(isBlocking ? target : source)
    let size = MemoryDescriptor.blockSize
    Parallel.forRanges(rows.count, grain: elementwiseGrain / size) { range in
      for row in range {
        let (offset, channels) = rows.place(row)
        if isBlocking {
          copy(from + offset, to + row * size, channels)
          for lane in channels..<size { to[row * size + lane] = zero }
        } else {
          copy(from + row * size, to + offset, channels)
        }
      }
    }
  }
}

/// The rows of 16 channels of a tensor in blocks, and where a row-major tensor has the same elements.
private struct BlockedRows {
  let count: Int
  private let format: MemoryDescriptor.Format
  private let blocks: Int
  /// Voxels of an image; taps of a filter.
  private let inner: Int
  private let inputs, channels: Int

  init(_ descriptor: MemoryDescriptor) {
    let shape = descriptor.type.shape
    format = descriptor.format
    count = descriptor.paddedElementCount / MemoryDescriptor.blockSize
    inputs = shape[3]
    channels = shape[4]
    if format == .blocked {
      (blocks, inner) = (shares(of: channels, MemoryDescriptor.blockSize), shape[1] * shape[2] * shape[3])
    } else {
      (blocks, inner) = (shares(of: inputs, MemoryDescriptor.blockSize), shape[0] * shape[1] * shape[2])
    }
  }

  /// The offset of a row's first element, and how many channels of the row are not padding.
  func place(_ row: Int) -> (offset: Int, channels: Int) {
    let size = MemoryDescriptor.blockSize
    if format == .blocked {
      let (outer, voxel) = row.quotientAndRemainder(dividingBy: inner)
      let (image, block) = outer.quotientAndRemainder(dividingBy: blocks)
      return ((image * inner + voxel) * channels + block * size, min(size, channels - block * size))
    }
    let (outer, lane) = row.quotientAndRemainder(dividingBy: size)
    let (pair, tap) = outer.quotientAndRemainder(dividingBy: inner)
    let (block, inputBlock) = pair.quotientAndRemainder(dividingBy: blocks)
    let input = inputBlock * size + lane
    guard input < inputs else { return (0, 0) }
    return ((tap * inputs + input) * channels + block * size, min(size, channels - block * size))
  }
}
