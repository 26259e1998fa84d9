import Foundation
import MedicalImaging
import ProcessMemory

/// How a scan becomes the network's input, fixed when training starts and kept with the model.
public struct Preparation: Codable, Equatable, Sendable {
  /// The grid that scans are resampled to, voxels along i, j, k; with a spacing, the patches'.
  public var gridShape: [Int]
  /// The spacing that scans are resampled to, mm along i, j, k, each on a grid of its own; nil for one grid for all.
  public var spacing: [Double]?
  /// One for each channel.
  public var normalizations: [Normalization]
  public var channelNames: [String]
  /// Of the network's outputs: the classes, the background first, or the regions.
  public var classNames: [String]
  /// What the masks' values mean; nil for classes with the values 0 to n - 1.
  public var labelScheme: LabelScheme?
  /// The order of the axes in which scans are seen, before anything else.
  public var orientation: OrientationChoice
  /// What is taken in place of voxels that are not a number; nil where scans with such voxels are refused.
  public var notANumber: Float?

  /// What the masks' values mean.
  public var labels: LabelScheme { labelScheme ?? LabelScheme(classNames: classNames) }

  /// The grid that a scan is resampled to.
  func grid(for size: GridSize, _ geometry: Geometry) -> GridSize {
    guard let spacing else { return GridSize(gridShape[0], gridShape[1], gridShape[2]) }
    let extents = (0..<3).map { axis in
      max(1, Int((Double(size.extents[axis]) * geometry.spacing[axis] / spacing[axis]).rounded()))
    }
    return GridSize(extents[0], extents[1], extents[2])
  }

  /// Decides on the normalisation of each channel, unless it is chosen: by its modality's name and, for patches, by how much
  /// of the training scans lies outside of what they show.
  ///
  /// - Throws: what reading a training case throws, or `SegmentationError.noCases` when no training case of a
  ///   CT data set has foreground.
  public init(
    survey: DatasetSurvey, training: [Case], gridShape: [Int], spacing: [Double]? = nil,
    normalization: NormalizationChoice? = nil, orientation: OrientationChoice = .canonical
  ) throws {
    let dataset = survey.dataset
    notANumber = survey.notANumber
    self.gridShape = gridShape
    self.spacing = spacing
    self.orientation = orientation
    channelNames = dataset.channelNames
    classNames = dataset.classNames
    labelScheme = dataset.labels == LabelScheme(classNames: classNames) ? nil : dataset.labels
    normalizations = try channelNames.enumerated().map { channel, name in
      let choice =
        try normalization
        ?? survey.normalization(
          of: channel, named: name, training, orientation, looksAtScans: spacing != nil)
      switch choice {
      case .zScore: return .zScore
      case .zScoreInside: return .zScoreInside
      case .foreground: return .clip(try survey.foregroundStatistics(of: channel, training, orientation))
      }
    }
  }

  /// - Throws: `SegmentationError.gridExceedsMemory` when one prepared case would not fit into this machine.
  func requireMemory() throws {
    let needed = gridShape.reduce(Double(4 * channelNames.count + 1)) { $0 * Double($1) }
    let available = MemoryLimit.available
    guard needed <= Double(available) else {
      throw SegmentationError.gridExceedsMemory(
        gridShape: gridShape, needed: UInt64(needed), available: UInt64(available))
    }
  }

  /// What is made of a scan on the model's grid.
  enum PreparedPart {
    /// All of it at once, as training takes it.
    case whole
    /// A window's depth of planes, of each class and of the weights by which windows are averaged.
    case window(depth: Int, classCount: Int)
  }

  /// - Throws: `SegmentationError.scanExceedsMemory` when a scan on the model's grid would take more than this process may
  ///   still take, which a spacing far from the model's makes it do, or has more voxels than are read of any image.
  func requireMemory(for scan: OrderedVolume, as part: PreparedPart) throws {
    guard let spacing else { return }
    let (size, geometry) = (scan.volume.size, scan.volume.geometry)
    let extents = (0..<3).map { max(1, Double(size.extents[$0]) * geometry.spacing[$0] / spacing[$0]) }
    let whole = extents.reduce(4 * Double(channelNames.count)) { $0 * $1 }
    let available = MemoryLimit.available
    let isReadable = extents.reduce(1, *) <= Double(ImageHeader.maximumVoxelCount)
    let needed =
      switch part {
      case .whole: whole
      case .window(let depth, let classCount):
        isReadable ? 4 * Double((depth + 3) * (classCount + 1)) * extents[1] * extents[2] : whole
      }
    let isFinite = geometry.spacing.allSatisfy { $0.isFinite && $0 > 0 }
    guard isReadable && isFinite && needed <= Double(available) else {
      throw SegmentationError.scanExceedsMemory(
        path: scan.name, spacing: geometry.spacing, modelSpacing: spacing, needed: needed,
        available: UInt64(available))
    }
  }

  /// A scan, in the model's order, resampled and normalised. On one grid for all scans it is in memory; on a grid of its own
  /// it is made box by box.
  package func image(of volume: StoredVolume) -> PreparedImage {
    let scan = PreparedScan(volume, on: grid(for: volume.size, volume.geometry), normalizations)
    return spacing == nil
      ? PreparedImage(extents: scan.size.extents, elements: scan.elements) : PreparedImage(scan)
  }

  /// A mask of indices as its scan is resampled.
  func labels(of mask: LabelVolume) -> [UInt8] {
    mask.resampled(to: grid(for: mask.size, mask.geometry)).networkOrdered
  }
}

extension Preparation {
  /// Reads what this version wrote, and what earlier ones did: they took scans as they are stored.
  ///
  /// - Throws: `DecodingError`.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    gridShape = try values.decode([Int].self, forKey: .gridShape)
    spacing = try values.decodeIfPresent([Double].self, forKey: .spacing)
    normalizations = try values.decode([Normalization].self, forKey: .normalizations)
    channelNames = try values.decode([String].self, forKey: .channelNames)
    classNames = try values.decode([String].self, forKey: .classNames)
    labelScheme = try values.decodeIfPresent(LabelScheme.self, forKey: .labelScheme)
    orientation = try values.decodeIfPresent(OrientationChoice.self, forKey: .orientation) ?? .stored
    notANumber = try values.decodeIfPresent(Float.self, forKey: .notANumber)
  }
}

/// A scan as read, checked against what the model expects.
struct Scan {
  /// What a mask needs to be written like the scan.
  let header: ImageHeader
  let ordered: OrderedVolume

  /// - Parameter preparation: tells how many channels there must be, and how the scan is to be seen.
  init(_ entry: Case, _ preparation: Preparation, for use: ScanUse) throws {
    try self.init(
      entry, channelCount: preparation.channelNames.count, preparation.orientation,
      notANumber: preparation.notANumber, for: use)
  }

  /// - Parameters:
  ///   - expected: the number of channels.
  ///   - notANumber: see `Preparation.notANumber`.
  ///   - use: what becomes of the scan, which is refused where that does not fit into memory.
  init(
    _ entry: Case, channelCount expected: Int, _ orientation: OrientationChoice, notANumber: Float?,
    for use: ScanUse
  ) throws {
    try use.requireMemory(for: entry.imagePaths)
    try self.init(
      try Image(intensitiesOf: entry.imagePaths), name: entry.imagePath, channelCount: expected, orientation,
      notANumber: notANumber)
  }

  /// - Parameter name: what errors call the scan.
  init(
    _ image: Image, name: String, channelCount expected: Int, _ orientation: OrientationChoice,
    notANumber: Float?
  ) throws {
    header = image.header
    try header.requirePlausibleSpacing()
    guard image.channelCount == expected else {
      throw SegmentationError.channelMismatch(
        path: name, found: image.channelCount, expected: expected)
    }
    ordered = OrderedVolume(
      image.storedVolume, orientation, notANumber: notANumber, name: name)
    let invalid = ordered.volume.nonFiniteVoxelCount
    guard invalid == 0 else {
      throw SegmentationError.nonFiniteVoxels(path: name, count: invalid)
    }
  }
}

/// A scan with its mask as the labels' indices, both in the order in which the model sees scans. Their grid is the scan's.
struct LabelledScan {
  let header: ImageHeader
  let scan: OrderedVolume
  let labels: LabelVolume

  var volume: StoredVolume { scan.volume }

  /// Of the axes as the model sees them; nil where the file tells no orientation.
  var axisOrder: AxisOrder? { header.tellsOrientation ? volume.geometry.axisOrder : nil }

  /// - Throws: what reading throws; `SegmentationError.gridMismatch` for a mask on another grid.
  init(
    _ entry: Case, channelCount: Int, labels scheme: LabelScheme, _ orientation: OrientationChoice,
    notANumber: Float?
  ) throws {
    let file = try Scan(
      entry, channelCount: channelCount, orientation, notANumber: notANumber, for: .labelled)
    header = file.header
    scan = file.ordered
    let path = entry.labelPath ?? entry.imagePath
    let mask = try Image(contentsOf: path).labelVolume()
    let placed: LabelVolume
    do throws(GridDifference) {
      placed = scan.ordered(try mask.placed(on: file.header.grid, counting: entry.maskGeometry))
    } catch {
      throw SegmentationError.gridMismatch(
        GridMismatch(image: entry.imagePath, label: path, difference: error))
    }
    labels = try scheme.indices(of: placed, path: path)
  }

  init(_ entry: Case, preparation: Preparation) throws {
    try self.init(
      entry, channelCount: preparation.channelNames.count, labels: preparation.labels,
      preparation.orientation,
      notANumber: preparation.notANumber)
  }
}

/// A case on the network's grid, ready to be batched.
public struct PreparedCase: Sendable {
  public let source: Case
  /// Image and labels, resampled and normalised.
  public let sample: Sample
  /// For each structure that is there some of its voxels, evenly spaced, as positions among the labels.
  let foregroundVoxels: [[Int32]]

  /// Voxels that are remembered of a class.
  private static let foregroundVoxelLimit = 1_000

  /// - Throws: `ImageError` or `SegmentationError`, naming the file and the remedy.
  public init(_ source: Case, preparation: Preparation) throws {
    self.source = source
    let scan = try LabelledScan(source, preparation: preparation)
    try preparation.requireMemory(for: scan.scan, as: .whole)
    let image = preparation.image(of: scan.volume)
    let labels = preparation.labels(of: scan.labels)
    sample = Sample(
      extents: image.extents, channelCount: preparation.channelNames.count, image: image.elements,
      labels: labels)
    foregroundVoxels = Self.foregroundVoxels(labels, preparation.labels)
  }

  private static func foregroundVoxels(_ labels: [UInt8], _ scheme: LabelScheme) -> [[Int32]] {
    // Ignored voxels, whose index is behind the others, are in no structure.
    let outputs = scheme.trueOutputs + [[]]
    var voxels = [[Int32]](repeating: [], count: scheme.outputNames.count)
    for (voxel, label) in labels.enumerated() where label != 0 {
      for output in outputs[Int(label)] { voxels[output].append(Int32(voxel)) }
    }
    return voxels.filter { !$0.isEmpty }.map { all in
      let count = min(all.count, foregroundVoxelLimit)
      return (0..<count).map { all[$0 * all.count / count] }
    }
  }
}

extension PreparedCase {
  /// The scan without its mask.
  var image: PreparedImage { PreparedImage(extents: sample.extents, elements: sample.image) }
}
