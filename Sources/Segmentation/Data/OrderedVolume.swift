import MedicalImaging

/// A scan in the order in which a model sees it, and the way back to the order in which it is stored.
struct OrderedVolume {
  /// What errors call the scan: its file.
  let name: String
  let volume: StoredVolume
  private let stored: Grid
  private let arrangement: AxisRearrangement

  /// - Parameters:
  ///   - volume: as it is stored.
  ///   - notANumber: see `Preparation.notANumber`.
  init(
    _ volume: StoredVolume, _ orientation: OrientationChoice, notANumber: Float? = nil,
    name: String = "the scan"
  ) {
    self.name = name
    stored = volume.grid
    arrangement = orientation.rearrangement(of: volume.geometry)
    self.volume = volume.seen(arrangement, notANumber: notANumber)
  }

  /// A mask as it is stored, in the model's order.
  ///
  /// - Precondition: it is as large as the scan.
  func ordered(_ mask: LabelVolume) -> LabelVolume {
    LabelVolume(size: volume.size, geometry: volume.geometry, labels: mask.rearranged(by: arrangement).labels)
  }

  /// A mask of the scan, as the scan is stored.
  func restored(_ mask: LabelVolume) -> LabelVolume {
    LabelVolume(
      size: stored.size, geometry: stored.geometry, labels: mask.rearranged(by: arrangement.inverse).labels)
  }

  /// Probabilities of the scan, as the scan is stored.
  func restored(_ probabilities: Volume) -> Volume {
    Volume(
      size: stored.size, channelCount: probabilities.channelCount, geometry: stored.geometry,
      voxels: probabilities.rearranged(by: arrangement.inverse).voxels)
  }
}
