import MedicalImaging

/// What one labelled case is like: the facts that plans and normalisations rest on.
public struct CaseFacts: Equatable, Sendable {
  public let size: GridSize
  public let geometry: Geometry
  /// Voxels of each class, the background first.
  public let voxelCounts: [Int]
  public let foreground: ForegroundSample

  init(_ scan: LabelledScan, classCount: Int) {
    size = scan.volume.size
    geometry = scan.volume.geometry
    voxelCounts = scan.labels.voxelCounts(classCount: classCount)
    foreground = ForegroundSample(scan.volume, scan.labels)
  }

  /// The volume of a class in mm^3.
  func volume(of label: Int) -> Double { Double(voxelCounts[label]) * geometry.spacing.reduce(1, *) }
}

/// The facts of a data set's labelled cases, each read when it is first asked for and kept, so that every fold of a
/// cross-validation derives its own figures from them without reading a scan again.
///
/// A case takes 40 kB for each channel, whatever its size.
public final class DatasetSurvey {
  public let dataset: Dataset
  /// See `Preparation.notANumber`.
  public let notANumber: Float?
  private var known: [Case: CaseFacts] = [:]

  public init(_ dataset: Dataset, notANumber: Float? = nil) {
    self.dataset = dataset
    self.notANumber = notANumber
  }

  /// The number of cases that have been read.
  package var readCount: Int { known.count }

  /// The facts of some cases, in their order.
  ///
  /// - Throws: `ImageError` or `SegmentationError` for a case that cannot be used.
  func facts(of cases: [Case]) throws -> [CaseFacts] {
    let classCount = dataset.classNames.count
    for entry in cases where known[entry] == nil {
      let scan = try LabelledScan(
        entry, channelCount: dataset.channelNames.count, classCount: classCount,
        notANumber: notANumber)
      known[entry] = CaseFacts(scan, classCount: classCount)
    }
    return cases.compactMap { known[$0] }
  }
}

extension LabelVolume {
  /// The number of voxels of each class, the background first.
  func voxelCounts(classCount: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: classCount)
    for label in labels { counts[Int(label)] += 1 }
    return counts
  }
}
