/// The number of voxels along the three axes of a grid, in the order of the NIfTI array: i, j, k.
public struct GridSize: Hashable, Sendable, CustomStringConvertible {
  public var i: Int
  public var j: Int
  public var k: Int

  public init(_ i: Int, _ j: Int, _ k: Int) {
    self.i = i
    self.j = j
    self.k = k
  }

  /// The number of voxels of the whole grid.
  public var count: Int { i * j * k }

  /// The extents as an array, `[i, j, k]`.
  public var extents: [Int] { [i, j, k] }

  public var description: String { "\(i)x\(j)x\(k)" }
}
