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
public struct GridDifference: Error, Hashable, Sendable {
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

/// A mask that does not lie on its scan's grid.
public struct GridMismatch: Hashable, Sendable, CustomStringConvertible {
  public let image: String
  public let label: String
  public let difference: GridDifference

  public init(image: String, label: String, difference: GridDifference) {
    (self.image, self.label, self.difference) = (image, label, difference)
  }

  /// One sentence: the files, in what they differ and what to do.
  public var description: String {
    let remedy =
      difference.sizes == nil
      ? "correct it, or give --geometry scan to take the scan's geometry for the mask"
      : "resample the mask to the scan's grid, or take the pair out"
    return "\(label): the mask does not lie on the grid of its scan \(image) (\(difference)); \(remedy)."
  }
}
