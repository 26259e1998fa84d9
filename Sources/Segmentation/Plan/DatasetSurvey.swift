import MedicalImaging

/// What one labelled case is like: the facts that plans and normalisations rest on.
public struct CaseFacts: Equatable, Sendable {
  public let size: GridSize
  public let geometry: Geometry
  /// Voxels of each label by its index.
  public let voxelCounts: [Int]
  /// Of each structure, in voxels along i, j, k, the mean over its voxels; nil where there is none.
  let centres: [SIMD3<Double>?]
  public let foreground: ForegroundSample
  /// Of each channel the share of voxels outside of what the scan shows: see `Normalization.zScoreInside`.
  public let outsideShares: [Double]

  init(_ scan: LabelledScan, _ scheme: LabelScheme) {
    size = scan.volume.size
    geometry = scan.volume.geometry
    let sums = scan.labels.positionSums(labelCount: scheme.values.count)
    voxelCounts = sums.map(\.voxelCount)
    centres = scheme.structures.map { structure in
      structure.labels.reduce(PositionSum()) { $0.adding(sums[Int($1)]) }.mean
    }
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

/// The voxels of a label, and the sums of their indices along i, j, k.
private struct PositionSum {
  var voxelCount = 0
  var indices = SIMD3<Int>.zero

  func adding(_ other: PositionSum) -> PositionSum {
    PositionSum(voxelCount: voxelCount + other.voxelCount, indices: indices &+ other.indices)
  }

  /// nil without a voxel.
  var mean: SIMD3<Double>? { voxelCount == 0 ? nil : SIMD3<Double>(indices) / Double(voxelCount) }
}

extension LabelVolume {
  /// Of each index below `labelCount`; ignored voxels have another.
  fileprivate func positionSums(labelCount: Int) -> [PositionSum] {
    var sums = [PositionSum](repeating: PositionSum(), count: labelCount + 1)
    var voxel = 0
    for k in 0..<size.k {
      for j in 0..<size.j {
        for i in 0..<size.i {
          let label = Int(labels[voxel])
          sums[label].voxelCount += 1
          sums[label].indices &+= SIMD3(i, j, k)
          voxel += 1
        }
      }
    }
    return Array(sums[..<labelCount])
  }
}
