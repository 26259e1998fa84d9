extension Geometry {
  /// The letters of the directions in which i, j and k grow, such as "RAS" or "LPS": those of `axisOrder`.
  public var orientation: String { axisOrder.description }

  /// The unit vectors along i, j, k, as the columns of a 3x3 matrix, rows first.
  public var direction: [[Double]] {
    affine.map { row in (0..<3).map { row[$0] / spacing[$0] } }
  }

  /// The world coordinates of the first voxel, in mm.
  public var origin: [Double] { affine.map { $0[3] } }
}
