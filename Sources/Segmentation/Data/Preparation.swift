import Foundation
import MedicalImaging

/// How a scan becomes the network's input, fixed when training starts and kept with the model.
public struct Preparation: Codable, Equatable, Sendable {
  /// The grid that scans are resampled to, voxels along i, j, k.
  public var gridShape: [Int]
  /// One for each channel.
  public var normalizations: [Normalization]
  public var channelNames: [String]
  /// The background first.
  public var classNames: [String]

  var grid: GridSize { GridSize(gridShape[0], gridShape[1], gridShape[2]) }

  /// Decides on the normalisation of each channel by its modality's name; CT needs a look at the training cases.
  ///
  /// - Throws: what reading a training case throws, or `SegmentationError.noCases` when no training case of a
  ///   CT data set has foreground.
  public init(dataset: MSDDataset, training: [Case], gridShape: [Int]) throws {
    self.gridShape = gridShape
    channelNames = dataset.channelNames
    classNames = dataset.classNames
    normalizations = channelNames.map { _ in .zScore }
    guard channelNames.contains(where: Normalization.isCT) else { return }
    var sampler = ForegroundSampler(channelCount: channelNames.count)
    for entry in training {
      let scan = try LabelledScan(entry, preparation: self)
      sampler.add(scan.volume, scan.labels)
    }
    for (channel, statistics) in sampler.statistics().enumerated()
    where Normalization.isCT(channelNames[channel]) {
      guard let statistics else {
        throw SegmentationError.noCases(
          reason: "\(dataset.descriptionPath): no training mask has foreground, so CT intensities cannot be "
            + "normalised; add labelled cases.")
      }
      normalizations[channel] = .clip(statistics)
    }
  }

  /// - Throws: `SegmentationError.datasetExceedsMemory` when prepared cases would not fit into this machine.
  func requireMemory(forCases count: Int) throws {
    let bytesPerVoxel = 4 * channelNames.count + 1
    let needed = gridShape.reduce(Double(bytesPerVoxel * count)) { $0 * Double($1) }
    let available = ProcessInfo.processInfo.physicalMemory
    guard needed <= Double(available) else {
      throw SegmentationError.datasetExceedsMemory(
        cases: count, gridShape: gridShape, needed: UInt64(needed), available: available)
    }
  }

  /// A scan resampled to the grid and normalised, `[D, H, W, C]`.
  func image(of volume: Volume) -> [Float] {
    volume.resampled(to: grid).normalized(normalizations).networkOrdered
  }
}

/// A scan as read, checked against what the model expects.
struct Scan {
  let header: NIfTIHeader
  let volume: Volume

  init(path: String, preparation: Preparation) throws {
    let file = try NIfTIImage(contentsOf: path)
    header = file.header
    volume = try file.volume()
    let expected = preparation.channelNames.count
    guard volume.channelCount == expected else {
      throw SegmentationError.channelMismatch(path: path, found: volume.channelCount, expected: expected)
    }
    let invalid = volume.nonFiniteVoxelCount
    guard invalid == 0 else { throw SegmentationError.nonFiniteVoxels(path: path, count: invalid) }
  }
}

/// A scan with its mask, both as read.
struct LabelledScan {
  let volume: Volume
  let labels: LabelVolume

  init(_ entry: Case, preparation: Preparation) throws {
    volume = try Scan(path: entry.imagePath, preparation: preparation).volume
    let path = entry.labelPath ?? entry.imagePath
    labels = try NIfTIImage(contentsOf: path).labelVolume()
    guard labels.size == volume.size else {
      throw SegmentationError.shapeMismatch(
        image: entry.imagePath, imageShape: volume.size.description, label: path,
        labelShape: labels.size.description)
    }
    let classCount = preparation.classNames.count
    if let label = labels.labels.first(where: { Int($0) >= classCount }) {
      throw SegmentationError.undeclaredLabel(path: path, label: Int(label), classCount: classCount)
    }
  }
}

/// A case on the network's grid, ready to be batched.
public struct PreparedCase: Sendable {
  public let source: Case
  /// Image and labels on the preparation's grid.
  public let sample: Sample

  /// - Throws: `NIfTIError` or `SegmentationError`, naming the file and the remedy.
  public init(_ source: Case, preparation: Preparation) throws {
    self.source = source
    let scan = try LabelledScan(source, preparation: preparation)
    sample = Sample(
      extents: preparation.gridShape, channelCount: preparation.channelNames.count,
      image: preparation.image(of: scan.volume),
      labels: scan.labels.resampled(to: preparation.grid).networkOrdered)
  }
}
