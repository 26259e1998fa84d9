extension StoredVoxels {
  /// The voxels of a grid in another order of its axes, each as it was stored.
  ///
  /// - Parameter size: of the grid as it is.
  func rearranged(_ size: GridSize, by arrangement: AxisRearrangement) -> StoredVoxels {
    if arrangement == .identity { return self }
    let bytes =
      switch type.byteCount {
      case 1: rearranged(UInt8.self, size, arrangement)
      case 2: rearranged(UInt16.self, size, arrangement)
      case 4: rearranged(UInt32.self, size, arrangement)
      default: rearranged(UInt64.self, size, arrangement)
      }
    return StoredVoxels(type, bytes: bytes, isSwapped: isSwapped, slope: slope, intercept: intercept)
  }

  private func rearranged<Word: FixedWidthInteger>(
    _ word: Word.Type, _ size: GridSize, _ arrangement: AxisRearrangement
  ) -> [UInt8] {
    let words = bytes.withUnsafeBytes { bytes in
      (0..<count).map { bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Word>.size, as: word) }
    }
    let arranged = MedicalImaging.rearranged(
      words, size, channelCount: count / size.count, by: arrangement)
    return arranged.withUnsafeBytes { [UInt8]($0) }
  }
}
