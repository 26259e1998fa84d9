/// Which geometry counts where a mask's is not its scan's.
public enum MaskGeometry: String, Codable, Sendable, CaseIterable {
  /// Its own: the mask lies on another grid and cannot be used.
  case own
  /// The scan's, for a mask of as many voxels along i, j and k.
  case scan
}

extension LabelVolume {
  /// The mask on its scan's grid. One on the same grid in another order of the axes is rearranged.
  ///
  /// - Parameters:
  ///   - scan: the scan's header.
  ///   - choice: `.scan` takes the voxels as stored for the scan's where the grids differ in more than that.
  /// - Throws: `GridDifference` for a mask that lies elsewhere.
  public func placed(on scan: Grid, counting choice: MaskGeometry = .own) throws(GridDifference)
    -> LabelVolume
  {
    switch MaskPlacement(of: grid, on: scan) {
    case .onScan(let arrangement):
      LabelVolume(size: scan.size, geometry: scan.geometry, labels: rearranged(by: arrangement).labels)
    case .elsewhere(let difference):
      if choice == .scan && size == scan.size {
        LabelVolume(size: size, geometry: scan.geometry, labels: labels)
      } else {
        throw difference
      }
    }
  }
}

/// How a mask's grid lies to its scan's.
public enum MaskPlacement: Equatable, Sendable {
  /// The same voxels in space; the rearrangement brings the mask's into the scan's order.
  case onScan(AxisRearrangement)
  /// Other voxels in space. The difference is that of the grids as they are stored where they have as many voxels along i, j
  /// and k, else that of the mask's in the scan's order.
  case elsewhere(GridDifference)

  public init(of mask: Grid, on scan: Grid) {
    guard let asStored = scan.difference(from: mask) else {
      self = .onScan(.identity)
      return
    }
    let arrangement = scan.geometry.rearrangement(of: mask.geometry)
    guard let ordered = scan.difference(from: mask.rearranged(by: arrangement)) else {
      self = .onScan(arrangement)
      return
    }
    self = .elsewhere(asStored.sizes == nil ? asStored : ordered)
  }
}
