extension Volume {
  /// The share of a channel's voxels that have the value outside of what the scan shows: that of most of its eight corners.
  package func outsideShare(of channel: Int) -> Double {
    let voxels = self.voxels[channel * size.count..<(channel + 1) * size.count]
    let outside = mostCommon(size.cornerPositions.map { voxels[voxels.startIndex + $0] })
    return Double(voxels.count { $0 == outside }) / Double(voxels.count)
  }
}

extension GridSize {
  /// Where the eight corners lie among the voxels, i fastest.
  var cornerPositions: [Int] {
    var positions: [Int] = []
    for k in [0, k - 1] {
      for j in [0, j - 1] { positions += [0, i - 1].map { (k * self.j + j) * i + $0 } }
    }
    return positions
  }
}

/// The value that comes most often; of several the first.
///
/// - Parameter values: at least one.
func mostCommon(_ values: [Float]) -> Float {
  let counts = values.map { value in values.count { $0 == value } }
  return values[counts.firstIndex(of: counts.max()!)!]
}
