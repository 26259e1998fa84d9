import MedicalImaging

/// What the labelled cases of a data set are like: the facts that a plan rests on.
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
  /// Of each foreground class.
  public var classSizes: [ClassSize]

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

  /// Reads every labelled case once.
  ///
  /// - Throws: `NIfTIError` or `SegmentationError` for a case that cannot be used, or a data set without any.
  public init(_ dataset: Dataset) throws {
    guard !dataset.training.isEmpty else {
      throw SegmentationError.noCases(
        reason: "\(dataset.descriptionPath): no labelled case is listed under \"training\"; add some.")
    }
    var (extents, spacings): ([[Double]], [[Double]]) = ([], [])
    var volumes = dataset.classNames.dropFirst().map { _ in [Double]() }
    var sampler = ForegroundSampler(channelCount: dataset.channelNames.count)
    for entry in dataset.training {
      let scan = try LabelledScan(
        entry, channelCount: dataset.channelNames.count, classCount: dataset.classNames.count)
      extents.append(scan.volume.size.extents.map(Double.init))
      spacings.append(scan.volume.geometry.spacing)
      sampler.add(scan.volume, scan.labels)
      let voxelVolume = scan.volume.geometry.spacing.reduce(1, *)
      for (index, count) in scan.labels.voxelCounts(classCount: dataset.classNames.count).dropFirst()
        .enumerated() where count > 0
      {
        volumes[index].append(Double(count) * voxelVolume)
      }
    }
    caseCount = dataset.training.count
    self.extents = (0..<3).map { axis in Spread(extents.map { $0[axis] }) }
    self.spacings = (0..<3).map { axis in Spread(spacings.map { $0[axis] }) }
    intensities = sampler.statistics()
    classSizes = zip(dataset.classNames.dropFirst(), volumes).map {
      ClassSize(className: $0, caseCount: $1.count, volume: Spread($1))
    }
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
