/// A linear map of offsets along D, H, W.
public struct LinearMap: Equatable, Sendable {
  /// Where the unit offsets along D, H, W go.
  public var columns: [SIMD3<Double>]

  public init(columns: [SIMD3<Double>]) {
    precondition(columns.count == 3)
    self.columns = columns
  }

  /// The map that multiplies each axis by a number of its own.
  public init(diagonal: SIMD3<Double>) {
    columns = (0..<3).map { axis in
      var column = SIMD3<Double>.zero
      column[axis] = diagonal[axis]
      return column
    }
  }

  public static let identity = LinearMap(diagonal: SIMD3(repeating: 1))

  public func callAsFunction(_ offset: SIMD3<Double>) -> SIMD3<Double> {
    columns[0] * offset.x + columns[1] * offset.y + columns[2] * offset.z
  }

  /// The map that applies `inner` first.
  public func composed(with inner: LinearMap) -> LinearMap {
    LinearMap(columns: inner.columns.map { self($0) })
  }

  /// A map of offsets in mm as one of offsets in voxels.
  ///
  /// - Parameter spacing: mm along D, H, W.
  public func inVoxels(spacing: [Double]) -> LinearMap {
    composed(with: LinearMap(diagonal: SIMD3(spacing))).toVoxels(spacing: spacing)
  }

  /// A map from offsets in voxels to offsets in mm, followed by their change to voxels.
  func toVoxels(spacing: [Double]) -> LinearMap {
    LinearMap(columns: columns.map { $0 / SIMD3(spacing) })
  }
}
