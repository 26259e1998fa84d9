extension Geometry {
  /// Returns the geometry of a grid of another size over the same space: same origin and direction, spacing and
  /// the affine's columns scaled by the ratio of the sizes.
  package func resized(from size: GridSize, to newSize: GridSize) -> Geometry {
    let ratios = zip(size.extents, newSize.extents).map { Double($0) / Double($1) }
    return Geometry(
      spacing: zip(spacing, ratios).map { $0 * $1 },
      affine: affine.map { row in (0..<4).map { $0 < 3 ? row[$0] * ratios[$0] : row[3] } })
  }
}
