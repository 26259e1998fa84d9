/// Voxels as a file stores them. They become intensities when they are needed: `slope * stored + intercept`.
public struct StoredVoxels: Sendable {
  let type: VoxelType
  /// Whether the file's byte order is not this machine's.
  let isSwapped: Bool
  let slope: Double
  let intercept: Double
  /// Whole voxels, i fastest, then j, k and the channel.
  let bytes: [UInt8]

  init(
    _ type: VoxelType, bytes: [UInt8], isSwapped: Bool = false, slope: Double = 1, intercept: Double = 0
  ) {
    precondition(bytes.count.isMultiple(of: type.byteCount))
    self.type = type
    self.isSwapped = isSwapped
    self.slope = slope
    self.intercept = intercept
    self.bytes = bytes
  }

  /// The number of voxels, over all channels.
  var count: Int { bytes.count / type.byteCount }

  var isScaled: Bool { slope != 1 || intercept != 0 }

  /// The intensities, computed in 64 bits where they are scaled and rounded to 32.
  var intensities: [Float] {
    [Float](unsafeUninitializedCapacity: count) { output, filled in
      bytes.withUnsafeBytes { bytes in
        guard let source = bytes.baseAddress, let target = output.baseAddress else { return }
        decode(source, count, target)
      }
      filled = count
    }
  }

  /// Makes intensities of as many voxels as there is room for.
  ///
  /// - Parameters:
  ///   - start: the index of the first.
  ///   - step: from one to the next; it may be negative.
  func read(from start: Int, step: Int, into target: UnsafeMutableBufferPointer<Float>) {
    bytes.withUnsafeBytes { bytes in
      guard let source = bytes.baseAddress, let first = target.baseAddress else { return }
      decode(source + start * type.byteCount, target.count, first, step: step)
    }
  }

  private func decode(
    _ source: UnsafeRawPointer, _ count: Int, _ target: UnsafeMutablePointer<Float>, step: Int = 1
  ) {
    switch type {
    case .uint8: decode(UInt8.self, source, count, target, step)
    case .int8: decode(Int8.self, source, count, target, step)
    case .int16: decode(Int16.self, source, count, target, step)
    case .uint16: decode(UInt16.self, source, count, target, step)
    case .int32: decode(Int32.self, source, count, target, step)
    case .uint32: decode(UInt32.self, source, count, target, step)
    case .int64: decode(Int64.self, source, count, target, step)
    case .uint64: decode(UInt64.self, source, count, target, step)
    case .float32: decode(Float.self, source, count, target, step)
    case .float64: decode(Double.self, source, count, target, step)
    }
  }

  /// One loop per type and scaling; specialised by the compiler.
  private func decode<T: StoredVoxel>(
    _ type: T.Type, _ source: UnsafeRawPointer, _ count: Int, _ target: UnsafeMutablePointer<Float>,
    _ step: Int
  ) {
    let stride = MemoryLayout<T>.size * step
    if isScaled {
      for index in 0..<count {
        target[index] = Float(T.load(source + index * stride, isSwapped).double * slope + intercept)
      }
    } else {
      for index in 0..<count {
        target[index] = T.load(source + index * stride, isSwapped).float
      }
    }
  }
}

extension VoxelType {
  /// The Swift type of a voxel.
  var storage: any StoredVoxel.Type {
    switch self {
    case .uint8: UInt8.self
    case .int8: Int8.self
    case .int16: Int16.self
    case .uint16: UInt16.self
    case .int32: Int32.self
    case .uint32: UInt32.self
    case .int64: Int64.self
    case .uint64: UInt64.self
    case .float32: Float.self
    case .float64: Double.self
    }
  }
}

/// A type of voxels in a file.
protocol StoredVoxel: LosslessStringConvertible {
  static var voxelType: VoxelType { get }
  static func load(_ source: UnsafeRawPointer, _ isSwapped: Bool) -> Self
  var float: Float { get }
  var double: Double { get }
}

extension StoredVoxel where Self: FixedWidthInteger {
  @inline(__always) static func load(_ source: UnsafeRawPointer, _ isSwapped: Bool) -> Self {
    let stored = source.loadUnaligned(as: Self.self)
    return isSwapped ? stored.byteSwapped : stored
  }
  @inline(__always) var float: Float { Float(self) }
  @inline(__always) var double: Double { Double(self) }
}

extension UInt8: StoredVoxel {
  static var voxelType: VoxelType { .uint8 }
}
extension Int8: StoredVoxel {
  static var voxelType: VoxelType { .int8 }
}
extension Int16: StoredVoxel {
  static var voxelType: VoxelType { .int16 }
}
extension UInt16: StoredVoxel {
  static var voxelType: VoxelType { .uint16 }
}
extension Int32: StoredVoxel {
  static var voxelType: VoxelType { .int32 }
}
extension UInt32: StoredVoxel {
  static var voxelType: VoxelType { .uint32 }
}
extension Int64: StoredVoxel {
  static var voxelType: VoxelType { .int64 }
}
extension UInt64: StoredVoxel {
  static var voxelType: VoxelType { .uint64 }
}

extension Float: StoredVoxel {
  static var voxelType: VoxelType { .float32 }
  @inline(__always) static func load(_ source: UnsafeRawPointer, _ isSwapped: Bool) -> Float {
    Float(bitPattern: UInt32.load(source, isSwapped))
  }
  @inline(__always) var float: Float { self }
  @inline(__always) var double: Double { Double(self) }
}

extension Double: StoredVoxel {
  static var voxelType: VoxelType { .float64 }
  @inline(__always) static func load(_ source: UnsafeRawPointer, _ isSwapped: Bool) -> Double {
    Double(bitPattern: UInt64.load(source, isSwapped))
  }
  @inline(__always) var float: Float { Float(self) }
  @inline(__always) var double: Double { self }
}
