import MedicalImaging

/// What the cases of a data set that train are like: the facts that a plan rests on.
///
/// Source: Isensee et al. 2021, nnU-Net, "dataset fingerprint".
public struct DatasetFingerprint: Codable, Equatable, Sendable {
  public var caseCount: Int
  /// Voxels along i, j, k: of the least, the median and the largest case, axis by axis.
  public var extents: [Spread]
  /// In mm.
  public var spacings: [Spread]
  /// Of each channel, over foreground voxels; nil where no case has foreground.
  public var intensities: [IntensityStatistics?]
  /// Of each foreground class, or of each region.
  public var classSizes: [ClassSize]
  /// The axes, among i (0), j (1) and k (2), along which some two classes lie in one order in nearly all cases, as Anterior and
  /// Posterior do; nil in what earlier versions wrote.
  public var orderedAxes: [Int]?

  /// A figure over the cases.
  public struct Spread: Codable, Equatable, Sendable {
    public var least: Double
    public var median: Double
    public var largest: Double

    init(_ values: [Double]) {
      let sorted = values.sorted()
      least = sorted.first ?? 0
      median = sorted.isEmpty ? 0 : percentile(50, ofSorted: sorted)
      largest = sorted.last ?? 0
    }
  }

  /// How large a class is, over the cases in which it is there.
  public struct ClassSize: Codable, Equatable, Sendable {
    public var className: String
    public var caseCount: Int
    /// In mm^3.
    public var volume: Spread
  }

  /// The fingerprint of some labelled cases: of those that train, so that nothing is planned by the cases that a fold measures.
  ///
  /// - Parameters:
  ///   - survey: of the data set.
  ///   - training: the cases.
  ///   - orientation: the order of the axes in which scans are seen; extents and spacings are along it.
  /// - Throws: `ImageError` or `SegmentationError` for a case that cannot be used, or a data set without any.
  public init(
    _ survey: DatasetSurvey, of training: [Case], _ orientation: OrientationChoice = .canonical
  ) throws {
    let dataset = survey.dataset
    guard !training.isEmpty else {
      throw SegmentationError.noCases(
        reason: "\(dataset.descriptionPath): has no case with a mask; add some.")
    }
    let cases = try survey.facts(of: training, orientation)
    caseCount = cases.count
    extents = (0..<3).map { axis in Spread(cases.map { Double($0.size.extents[axis]) }) }
    spacings = (0..<3).map { axis in Spread(cases.map { $0.geometry.spacing[axis] }) }
    intensities = ForegroundSample.statistics(
      of: cases.map(\.foreground), channelCount: dataset.channelNames.count)
    classSizes = dataset.labels.structures.map { structure in
      let present = cases.filter { $0.voxelCount(of: structure) > 0 }
      return ClassSize(
        className: structure.name, caseCount: present.count,
        volume: Spread(present.map { $0.volume(of: structure) }))
    }
    let structures = dataset.labels.structures.indices
    orderedAxes = (0..<3).filter { axis in
      structures.contains { first in
        structures[(first + 1)...].contains { second in
          Self.liesInOneOrder(cases.compactMap { $0.offset(from: first, to: second)?[axis] })
        }
      }
    }
  }

  /// The cases that must tell of an order before it counts: fewer have one by chance.
  private static let leastOrderedCases = 10
  /// The share of them that must have the same order.
  private static let orderedShare = 0.9

  /// - Parameter offsets: from one class's centre to the other's along an axis, of each case that has both.
  private static func liesInOneOrder(_ offsets: [Double]) -> Bool {
    let (before, behind) = (offsets.count { $0 < 0 }, offsets.count { $0 > 0 })
    return offsets.count >= leastOrderedCases
      && Double(max(before, behind)) >= orderedShare * Double(offsets.count)
  }
}

extension CaseFacts {
  /// From one structure's centre to another's, in voxels; nil where either is absent.
  fileprivate func offset(from first: Int, to second: Int) -> SIMD3<Double>? {
    guard let start = centres[first], let end = centres[second] else { return nil }
    return end - start
  }
}
