/// Voxels in space: how many along i, j, k, and where they lie.
public struct Grid: Equatable, Sendable {
  public let size: GridSize
  public let geometry: Geometry

  public init(size: GridSize, geometry: Geometry) {
    self.size = size
    self.geometry = geometry
  }
}

extension Volume {
  public var grid: Grid { Grid(size: size, geometry: geometry) }
}

extension LabelVolume {
  public var grid: Grid { Grid(size: size, geometry: geometry) }
}

extension ImageHeader {
  public var grid: Grid { Grid(size: size, geometry: geometry) }
}

/// In what a mask's grid differs from its scan's beyond rounding.
public struct GridDifference: Error, Equatable, Sendable {
  /// Of the scan and of the mask; nil where they are equal.
  public var sizes: [GridSize]?
  public var geometry: GeometryDifference
}

extension Grid {
  /// In what another grid differs from this one beyond rounding; nil where it does not.
  func difference(from other: Grid) -> GridDifference? {
    let geometry = geometry.difference(from: other.geometry)
    let sizes = size == other.size ? nil : [size, other.size]
    return sizes == nil && geometry.isNone ? nil : GridDifference(sizes: sizes, geometry: geometry)
  }
}

extension GridDifference: CustomStringConvertible {
  /// In a few words: of the mask, and of the scan.
  public var description: String {
    sizes.map { "\($0[1]) voxels, not \($0[0])" } ?? geometry.summary ?? "rounding"
  }
}
