import Foundation

/// The checks of one case.
struct CaseVerification {
  private(set) var problems: [DatasetProblem] = []
  /// The labels that the mask has; nil without a readable mask.
  private(set) var labels: Set<UInt8>?

  /// Geometry counts as equal within this part of a voxel's edge (spacing, origin)...
  private static let tolerance = 1e-2
  /// ... and within this angle in degrees (direction).
  private static let angleTolerance = 0.1

  init(of entry: Case, in dataset: Dataset) {
    let image = read(entry.imagePath) { image throws(NIfTIError) in try image.volume() }
    if let image { check(image, entry.imagePath, channelCount: dataset.modality.count) }
    guard let labelPath = entry.labelPath else { return }
    let label = read(labelPath) { image throws(NIfTIError) in try image.labelVolume() }
    if let label { check(label, labelPath, declared: dataset.labels) }
    if let image, let label { compare(image, label, labelPath) }
  }

  private mutating func add(_ path: String, _ finding: DatasetProblem.Finding) {
    problems.append(DatasetProblem(path: path, finding: finding))
  }

  /// Reads a file, noting what is wrong with it.
  private mutating func read<Content>(
    _ path: String, _ content: (NIfTIImage) throws(NIfTIError) -> Content
  ) -> Content? {
    guard FileManager.default.fileExists(atPath: path) else {
      add(path, .missing)
      return nil
    }
    do throws(NIfTIError) {
      let image = try NIfTIImage(contentsOf: path)
      if image.hasTrailingData { add(path, .trailingData) }
      let header = image.header
      if header.bitpix != 8 * header.dataType.byteCount {
        add(path, .bitpixMismatch(bitpix: header.bitpix, dataType: header.dataType))
      }
      return try content(image)
    } catch {
      add(path, .unreadable(sentence: "\(error)"))
      return nil
    }
  }

  private mutating func check(_ image: Volume, _ path: String, channelCount: Int) {
    if image.channelCount != channelCount {
      add(path, .channelCount(found: image.channelCount, declared: channelCount))
    }
    let nonFinite = image.nonFiniteVoxelCount
    if nonFinite > 0 { add(path, .nonFinite(voxelCount: nonFinite)) }
    for channel in 0..<image.channelCount {
      let voxels = image.voxels[channel * image.size.count..<(channel + 1) * image.size.count]
      if let first = voxels.first, voxels.allSatisfy({ $0 == first }) {
        add(path, .constant(channel: channel, value: first))
      }
    }
  }

  private mutating func check(_ label: LabelVolume, _ path: String, declared: [Int: String]) {
    var isPresent = [Bool](repeating: false, count: 256)
    for value in label.labels { isPresent[Int(value)] = true }
    let present = isPresent.indices.filter { isPresent[$0] }
    let undeclared = present.filter { declared[$0] == nil }
    if !undeclared.isEmpty { add(path, .undeclaredLabels(undeclared)) }
    if present == [0] { add(path, .noForeground) }
    labels = Set(present.map { UInt8($0) })
  }

  private mutating func compare(_ image: Volume, _ label: LabelVolume, _ path: String) {
    if image.size != label.size { add(path, .sizeMismatch(image: image.size, label: label.size)) }
    let (scan, mask) = (image.geometry, label.geometry)
    if zip(scan.spacing, mask.spacing).contains(where: { abs($0 - $1) > Self.tolerance * $0 }) {
      add(path, .spacingMismatch(image: scan.spacing, label: mask.spacing))
    }
    let distance = zip(scan.origin, mask.origin).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    if distance > Self.tolerance * (scan.spacing.min() ?? 1) {
      add(path, .originMismatch(distance: distance))
    }
    let degrees =
      (0..<3).map { axis in
        let cosine = (0..<3).reduce(0) { $0 + scan.direction[$1][axis] * mask.direction[$1][axis] }
        return acos(min(max(cosine, -1), 1)) * 180 / .pi
      }.max() ?? 0
    if degrees > Self.angleTolerance { add(path, .directionMismatch(degrees: degrees)) }
  }
}
