/// Where the voxels of a grid lie in space.
///
/// `affine` maps voxel indices (i, j, k, 1) to world coordinates in mm, axes pointing to Right, Anterior,
/// Superior (the NIfTI convention). Rows come first: `affine[r][c]`, three rows of four.
public struct Geometry: Equatable, Sendable {
  /// Distance between neighbouring voxels along i, j, k, in mm.
  public var spacing: [Double]
  /// The upper three rows of the 4x4 voxel-to-world matrix.
  public var affine: [[Double]]

  public init(spacing: [Double], affine: [[Double]]) {
    precondition(spacing.count == 3 && affine.count == 3 && affine.allSatisfy { $0.count == 4 })
    self.spacing = spacing
    self.affine = affine
  }

  /// An axis-aligned geometry with the origin at the first voxel.
  public init(spacing: [Double]) {
    self.init(
      spacing: spacing,
      affine: (0..<3).map { row in (0..<4).map { $0 == row ? spacing[row] : 0 } })
  }
}
