/// The surface of a label in a mask: its voxels with a face neighbour outside the label or outside the grid.
///
/// Source: MedPy's border, the mask less its erosion by the 6-neighbourhood.
struct Surface {
  /// Positions in the box, i fastest.
  private(set) var voxels: [Int] = []

  /// - Parameter box: holds every voxel of the label.
  init(of label: UInt8, in mask: LabelVolume, _ box: LabelBox) {
    let (size, grid) = (box.size, mask.size)
    mask.labels.withUnsafeBufferPointer { labels in
      for k in box.lower.k..<box.lower.k + size.k {
        for j in box.lower.j..<box.lower.j + size.j {
          let isOuterRow = j == 0 || j == grid.j - 1 || k == 0 || k == grid.k - 1
          let row = (k * grid.j + j) * grid.i
          let target = ((k - box.lower.k) * size.j + j - box.lower.j) * size.i - box.lower.i
          for i in box.lower.i..<box.lower.i + size.i where labels[row + i] == label {
            if isOuterRow || i == 0 || i == grid.i - 1
              || Self.hasOtherNeighbor(labels, row + i, label, grid)
            {
              voxels.append(target + i)
            }
          }
        }
      }
    }
  }

  /// Whether a voxel inside the grid has a face neighbour of another label.
  private static func hasOtherNeighbor(
    _ labels: UnsafeBufferPointer<UInt8>, _ position: Int, _ label: UInt8, _ grid: GridSize
  ) -> Bool {
    let slice = grid.i * grid.j
    return labels[position - 1] != label || labels[position + 1] != label
      || labels[position - grid.i] != label || labels[position + grid.i] != label
      || labels[position - slice] != label || labels[position + slice] != label
  }

  /// The distances from this surface's voxels to the other surface, ascending, in mm.
  ///
  /// - Parameters:
  ///   - size: of the box that both surfaces lie in.
  ///   - spacing: mm along i, j, k.
  func distances(to other: Surface, _ size: GridSize, _ spacing: [Double]) -> [Double] {
    let transform = DistanceTransform(from: other.voxels, size: size, spacing: spacing)
    return voxels.map { transform.squaredDistances[$0].squareRoot() }.sorted()
  }
}
