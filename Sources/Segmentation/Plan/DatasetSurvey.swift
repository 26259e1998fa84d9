import MedicalImaging

/// What one labelled case is like: the facts that plans and normalisations rest on.
public struct CaseFacts: Equatable, Sendable {
  public let size: GridSize
  public let geometry: Geometry
  /// Voxels of each label by its index.
  public let voxelCounts: [Int]
  public let foreground: ForegroundSample
  /// Of each channel the share of voxels outside of what the scan shows: see `Normalization.zScoreInside`.
  public let outsideShares: [Double]

  init(_ scan: LabelledScan, _ scheme: LabelScheme) {
    size = scan.volume.size
    geometry = scan.volume.geometry
    voxelCounts = scan.labels.voxelCounts(labelCount: scheme.values.count)
    let volume = scan.volume.volume()
    foreground = ForegroundSample(volume, scan.labels.withoutIgnored(scheme))
    outsideShares = (0..<volume.channelCount).map(volume.outsideShare)
  }

  /// The voxels of a structure.
  func voxelCount(of structure: LabelScheme.Structure) -> Int {
    structure.labels.reduce(0) { $0 + voxelCounts[Int($1)] }
  }

  /// The volume of a structure in mm^3.
  func volume(of structure: LabelScheme.Structure) -> Double {
    Double(voxelCount(of: structure)) * geometry.spacing.reduce(1, *)
  }
}

/// The facts of a data set's labelled cases, each read when it is first asked for and kept, so that every fold of a
/// cross-validation derives its own figures from them without reading a scan again.
///
/// Scans are seen in the order of their axes that is asked for. A case takes 40 kB for each channel, whatever its size.
public final class DatasetSurvey {
  public let dataset: Dataset
  /// See `Preparation.notANumber`.
  public let notANumber: Float?
  private var known: [OrientationChoice: [Case: CaseFacts]] = [:]
  /// Of the scans that were read.
  private var headers: [Case: ImageHeader] = [:]

  public init(_ dataset: Dataset, notANumber: Float? = nil) {
    self.dataset = dataset
    self.notANumber = notANumber
  }

  /// The number of cases that have been read.
  package var readCount: Int { known.values.reduce(0) { $0 + $1.count } }

  /// The facts of some cases, in their order.
  ///
  /// - Throws: `ImageError` or `SegmentationError` for a case that cannot be used.
  func facts(of cases: [Case], _ orientation: OrientationChoice) throws -> [CaseFacts] {
    for entry in cases where known[orientation]?[entry] == nil {
      let scan = try LabelledScan(
        entry, channelCount: dataset.channelNames.count, labels: dataset.labels, orientation,
        notANumber: notANumber)
      known[orientation, default: [:]][entry] = CaseFacts(scan, dataset.labels)
      headers[entry] = scan.header
    }
    return cases.compactMap { known[orientation]?[$0] }
  }

  /// The grids of some scans. Of scans that were not read for their facts the headers alone are.
  ///
  /// - Throws: `ImageError` for a file that cannot be read.
  package func grids(of cases: [Case]) throws -> GridSurvey {
    var grids = GridSurvey()
    for entry in cases { grids.add(try headers[entry] ?? ImageHeader(contentsOf: entry.imagePath)) }
    return grids
  }
}

extension LabelVolume {
  /// The number of voxels of each index below `labelCount`; ignored voxels have another.
  func voxelCounts(labelCount: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: labelCount + 1)
    for label in labels { counts[Int(label)] += 1 }
    return Array(counts[..<labelCount])
  }
}
