extension Geometry {
  /// The letters of the directions in which i, j and k grow, such as "RAS" or "LPS".
  ///
  /// Of the six ways to pair the axes of the grid with those of space, the best aligned one is taken.
  public var orientation: String {
    let pairings = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
    let direction = self.direction
    func alignment(_ rows: [Int]) -> Double { (0..<3).reduce(0) { $0 + abs(direction[rows[$1]][$1]) } }
    let rows = pairings.max { alignment($0) < alignment($1) } ?? [0, 1, 2]
    return (0..<3).map { column in
      let row = rows[column]
      return direction[row][column] < 0 ? ["L", "P", "I"][row] : ["R", "A", "S"][row]
    }.joined()
  }

  /// The unit vectors along i, j, k, as the columns of a 3x3 matrix, rows first.
  public var direction: [[Double]] {
    affine.map { row in (0..<3).map { row[$0] / spacing[$0] } }
  }

  /// The world coordinates of the first voxel, in mm.
  public var origin: [Double] { affine.map { $0[3] } }
}
