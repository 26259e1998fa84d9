/// Distances between the surfaces of two masks of one class, in mm.
///
/// The surface of a mask is its voxels with a face neighbour outside the mask or outside the grid (MedPy's
/// border: the mask less its erosion by the 6-neighbourhood); a distance runs from voxel centre to voxel centre.
public struct SurfaceDistance: Equatable, Sendable {
  /// The larger of the two directed 95th percentiles, in mm.
  ///
  /// Source: Huttenlocher et al. 1993 with a percentile for the maximum, as the surface-distance evaluations of
  /// the Medical Segmentation Decathlon and nnU-Net have it.
  public let hausdorff95: Double
  /// The mean over the distances of both surfaces, pooled, in mm (average symmetric surface distance, ASSD).
  ///
  /// Source: Heimann et al. 2009, section II-F.
  public let average: Double

  /// - Returns: nil where either mask lacks the class.
  public init?(_ prediction: LabelVolume, _ truth: LabelVolume, label: UInt8, spacing: [Double]) {
    precondition(prediction.size == truth.size, "masks on one grid")
    guard let box = BoundingBox(of: label, in: [prediction, truth]) else { return nil }
    let a = Surface(of: label, in: prediction, box)
    let b = Surface(of: label, in: truth, box)
    guard !a.voxels.isEmpty, !b.voxels.isEmpty else { return nil }
    let fromA = a.distances(to: b, box.size, spacing)
    let fromB = b.distances(to: a, box.size, spacing)
    hausdorff95 = max(percentile(95, ofSorted: fromA), percentile(95, ofSorted: fromB))
    average = (fromA.reduce(0, +) + fromB.reduce(0, +)) / Double(fromA.count + fromB.count)
  }
}

/// The smallest box that holds a label in some masks.
private struct BoundingBox {
  var lower: [Int]
  var size: GridSize

  init?(of label: UInt8, in masks: [LabelVolume]) {
    var low = [Int.max, Int.max, Int.max]
    var high = [-1, -1, -1]
    for mask in masks {
      var position = 0
      for k in 0..<mask.size.k {
        for j in 0..<mask.size.j {
          for i in 0..<mask.size.i {
            if mask.labels[position] == label {
              low = [min(low[0], i), min(low[1], j), min(low[2], k)]
              high = [max(high[0], i), max(high[1], j), max(high[2], k)]
            }
            position += 1
          }
        }
      }
    }
    guard high[0] >= 0 else { return nil }
    lower = low
    size = GridSize(high[0] - low[0] + 1, high[1] - low[1] + 1, high[2] - low[2] + 1)
  }
}

/// The surface voxels of a label, as positions in a box.
private struct Surface {
  var voxels: [Int] = []

  init(of label: UInt8, in mask: LabelVolume, _ box: BoundingBox) {
    let (size, grid) = (box.size, mask.size)
    let strides = [1, grid.i, grid.i * grid.j]
    for k in 0..<size.k {
      for j in 0..<size.j {
        for i in 0..<size.i {
          let index = [box.lower[0] + i, box.lower[1] + j, box.lower[2] + k]
          let position = index[0] + index[1] * strides[1] + index[2] * strides[2]
          guard mask.labels[position] == label else { continue }
          if Self.isOnSurface(mask, label, position, index, strides) {
            voxels.append(i + size.i * (j + size.j * k))
          }
        }
      }
    }
  }

  private static func isOnSurface(
    _ mask: LabelVolume, _ label: UInt8, _ position: Int, _ index: [Int], _ strides: [Int]
  ) -> Bool {
    let extents = mask.size.extents
    for axis in 0..<3 {
      if index[axis] == 0 || index[axis] == extents[axis] - 1 { return true }
      if mask.labels[position - strides[axis]] != label { return true }
      if mask.labels[position + strides[axis]] != label { return true }
    }
    return false
  }

  /// The distances from this surface's voxels to the other surface, ascending, in mm.
  func distances(to other: Surface, _ size: GridSize, _ spacing: [Double]) -> [Double] {
    var marked = [Bool](repeating: false, count: size.count)
    for voxel in other.voxels { marked[voxel] = true }
    let transform = DistanceTransform(marked: marked, size: size, spacing: spacing)
    return voxels.map { transform.squaredDistances[$0].squareRoot() }.sorted()
  }
}
