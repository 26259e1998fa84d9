/// What voxels are read for.
enum VoxelUse: Sendable {
  /// Anything: they stay as they are stored.
  case any
  /// Intensities alone: those stored in 8 bytes become the 32-bit floats that are made of them anyway, while they are read.
  case intensities
}

extension VoxelType {
  /// The size in memory of a voxel that is read for its intensity alone, in bytes.
  public var intensityByteCount: Int { min(byteCount, MemoryLayout<Float>.size) }
}

extension ImageFile {
  /// Voxels of 8 bytes that are read before intensities are made of them.
  private static let pieceCount = 1 << 15

  /// Reads exactly `count` voxels from here on.
  ///
  /// - Throws: as ``bytes(count:)``.
  func voxels(
    _ type: VoxelType, count: Int, isSwapped: Bool, slope: Double = 1, intercept: Double = 0,
    for use: VoxelUse
  ) throws(ImageError) -> StoredVoxels {
    func stored(_ bytes: [UInt8]) -> StoredVoxels {
      StoredVoxels(type, bytes: bytes, isSwapped: isSwapped, slope: slope, intercept: intercept)
    }
    guard use == .intensities, type.intensityByteCount < type.byteCount else {
      return stored(try bytes(count: count * type.byteCount))
    }
    let expected = try end(after: count * type.byteCount, taking: count * type.intensityByteCount)
    var intensities: [UInt8] = []
    intensities.reserveCapacity(count * type.intensityByteCount)
    for first in stride(from: 0, to: count, by: Self.pieceCount) {
      let piece = min(Self.pieceCount, count - first) * type.byteCount
      let bytes = try start(count: piece)
      guard bytes.count == piece else {
        throw .truncated(path: path, expected: expected, actual: position)
      }
      stored(bytes).intensities.withUnsafeBytes { intensities += $0 }
    }
    return StoredVoxels(.float32, bytes: intensities)
  }
}
