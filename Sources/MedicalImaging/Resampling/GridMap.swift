/// Where the samples of one axis of an output grid lie on the input grid, and the two neighbours of each.
///
/// Output sample i lies at input coordinate i * input / output, in voxels: both grids begin at the same point
/// and span the same length, and there is no shift by half a voxel. Coordinates beyond the last voxel are
/// clamped to it.
///
/// Source: the reference system's resampling (same origin and direction, spacing scaled by the ratio of sizes).
/// SimpleITK takes the same values; beyond half a voxel past the last centre it returns its default value
/// instead of the edge.
struct AxisMap {
  /// The voxel at or before each sample.
  let lower: [Int]
  /// The voxel after it, the same one at the edge.
  let upper: [Int]
  /// The weight of `upper`, from 0 to 1.
  let weight: [Float]
  /// The nearest voxel; a tie goes to the upper one.
  let nearest: [Int]

  init(input: Int, output: Int) {
    let coordinates = (0..<output).map {
      min(Double($0) * Double(input) / Double(output), Double(input - 1))
    }
    lower = coordinates.map { Int($0) }
    upper = lower.map { min($0 + 1, input - 1) }
    weight = zip(coordinates, lower).map { Float($0 - Double($1)) }
    nearest = coordinates.map { min(Int($0 + 0.5), input - 1) }
  }
}

extension Geometry {
  /// The geometry of a grid of another size over the same space: same origin and direction, spacing scaled.
  func resized(from size: GridSize, to newSize: GridSize) -> Geometry {
    let ratios = zip(size.extents, newSize.extents).map { Double($0) / Double($1) }
    return Geometry(
      spacing: zip(spacing, ratios).map { $0 * $1 },
      affine: affine.map { row in (0..<4).map { $0 < 3 ? row[$0] * ratios[$0] : row[3] } })
  }
}
