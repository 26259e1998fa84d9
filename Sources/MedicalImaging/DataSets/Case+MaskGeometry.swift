extension Dataset {
  /// The data set with masks that count as lying on their scans' grids where they have as many voxels.
  public func takingGeometryOfScans() -> Dataset {
    func taking(_ cases: [Case]) -> [Case] {
      cases.map { entry in
        var entry = entry
        entry.maskGeometry = .scan
        return entry
      }
    }
    var dataset = self
    dataset.training = taking(training)
    dataset.test = taking(test)
    return dataset
  }
}

extension Case {
  /// One sentence where the mask's own geometry does not count; nil where it does, and where a file cannot be read, which
  /// whoever reads the voxels tells. Headers alone are read.
  public var maskGeometryNote: String? {
    guard maskGeometry == .scan, let labelPath, let scan = try? ImageHeader(contentsOf: imagePath),
      let mask = try? ImageHeader(contentsOf: labelPath), mask.size == scan.size,
      case .elsewhere(let difference) = MaskPlacement(of: mask.grid, on: scan.grid)
    else { return nil }
    return
      "\(labelPath): the geometry of the scan \(imagePath) is taken for the mask (its own: \(difference))."
  }
}
