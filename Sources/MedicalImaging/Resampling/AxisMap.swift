/// Where the samples of one axis of an output grid lie on the input grid, and the two neighbours of each.
///
/// Output sample i lies at
///
///     x = min(i * input / output, input - 1)        (voxels)
///
/// so both grids begin at the same voxel centre and span the same length; there is no shift by half a voxel. The
/// map from S to M samples and the one from M to S are inverse to each other up to the clamping.
///
/// Source: the reference system's resampling by SimpleITK (same origin and direction, spacing scaled by the ratio
/// of sizes). SimpleITK clamps too, but only as far as half a voxel past the last centre: where
/// i * input / output >= input - 1/2, which needs an output of at least twice the input, it returns its default
/// value. Ours clamps there as well, because a scan's edge is a better guess than zero.
package struct AxisMap {
  /// The voxel at or before each sample.
  package let lower: [Int]
  /// The voxel after it, the same one at the edge.
  package let upper: [Int]
  /// The weight of `upper`, from 0 to 1.
  package let weight: [Float]
  /// The nearest voxel, a tie going to the upper one. SimpleITK means the same, but finds x by way of world
  /// coordinates, whose rounding may send a tie down.
  package let nearest: [Int]

  /// - Precondition: both extents are positive.
  package init(input: Int, output: Int) {
    precondition(input > 0 && output > 0, "resampling from \(input) to \(output) voxels")
    let coordinates = (0..<output).map {
      min(Double($0) * Double(input) / Double(output), Double(input - 1))
    }
    lower = coordinates.map { Int($0) }
    upper = lower.map { min($0 + 1, input - 1) }
    weight = zip(coordinates, lower).map { Float($0 - Double($1)) }
    nearest = coordinates.map { min(Int($0 + 0.5), input - 1) }
  }

  /// The map of some samples on the voxels that they lie between, and which voxels those are.
  ///
  /// - Precondition: some samples.
  func part(_ samples: Range<Int>) -> (voxels: Range<Int>, map: AxisMap) {
    let voxels = lower[samples.lowerBound]..<upper[samples.upperBound - 1] + 1
    return (voxels, AxisMap(self, samples, from: voxels.lowerBound))
  }

  private init(_ whole: AxisMap, _ samples: Range<Int>, from first: Int) {
    lower = whole.lower[samples].map { $0 - first }
    upper = whole.upper[samples].map { $0 - first }
    weight = Array(whole.weight[samples])
    nearest = whole.nearest[samples].map { $0 - first }
  }
}
