import MedicalImaging

/// A scan in the order in which a model sees it, and how it is stored.
struct OrderedVolume {
  /// What errors call the scan: its file.
  let name: String
  let volume: StoredVolume
  let storage: ScanStorage
  private let arrangement: AxisRearrangement

  /// - Parameters:
  ///   - volume: as it is stored.
  ///   - notANumber: see `Preparation.notANumber`.
  init(
    _ volume: StoredVolume, _ orientation: OrientationChoice, notANumber: Float? = nil,
    name: String = "the scan"
  ) {
    self.name = name
    arrangement = orientation.rearrangement(of: volume.geometry)
    storage = ScanStorage(grid: volume.grid, arrangement: arrangement.inverse)
    self.volume = volume.seen(arrangement, notANumber: notANumber)
  }

  /// A mask as it is stored, in the model's order.
  ///
  /// - Precondition: it is as large as the scan.
  func ordered(_ mask: LabelVolume) -> LabelVolume {
    LabelVolume(size: volume.size, geometry: volume.geometry, labels: mask.rearranged(by: arrangement).labels)
  }
}

/// How a scan is stored, without its voxels: the way back from the order in which a model sees it.
struct ScanStorage {
  let grid: Grid
  /// From the model's order to that of the file.
  let arrangement: AxisRearrangement

  /// A mask of the scan, as the scan is stored.
  func restored(_ mask: LabelVolume) -> LabelVolume {
    LabelVolume(size: grid.size, geometry: grid.geometry, labels: mask.rearranged(by: arrangement).labels)
  }

  /// Probabilities of the scan, as the scan is stored.
  func restored(_ probabilities: Volume) -> Volume {
    Volume(
      size: grid.size, channelCount: probabilities.channelCount, geometry: grid.geometry,
      voxels: probabilities.rearranged(by: arrangement).voxels)
  }
}
