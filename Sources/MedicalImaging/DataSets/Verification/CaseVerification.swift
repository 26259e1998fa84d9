import Foundation

/// The checks of one case.
struct CaseVerification {
  private(set) var problems: [DatasetProblem] = []
  /// The labels that the mask has; nil without a readable mask.
  private(set) var labels: Set<UInt8>?

  init(of entry: Case, in dataset: Dataset) {
    let scan = scan(entry)
    if let scan { check(scan, entry.imagePath, channelCount: dataset.channelNames.count) }
    guard let labelPath = entry.labelPath else { return }
    let label = read(labelPath).flatMap { image in
      noting(labelPath) { () throws(ImageError) in try image.labelVolume() }
    }
    if let label { check(label, labelPath, dataset.labels) }
    if let scan, let label { compare(scan, label, labelPath) }
  }

  private mutating func add(_ path: String, _ finding: DatasetProblem.Finding) {
    problems.append(DatasetProblem(path: path, finding: finding))
  }

  /// The scan of all its files; nil where one is missing or wrong.
  private mutating func scan(_ entry: Case) -> Volume? {
    let images = entry.imagePaths.map { read($0) }.compactMap { $0 }
    guard images.count == entry.imagePaths.count else { return nil }
    return noting(entry.imagePath) { () throws(ImageError) in try Image(joining: images) }?.volume()
  }

  /// Reads a file, noting what is wrong with it.
  private mutating func read(_ path: String) -> Image? {
    guard FileManager.default.fileExists(atPath: path) else {
      add(path, .missing)
      return nil
    }
    let image = noting(path) { () throws(ImageError) in try Image(contentsOf: path) }
    for remark in image?.remarks ?? [] { add(path, .remark(remark)) }
    return image
  }

  /// Returns what `body` does, or notes why it cannot.
  private mutating func noting<Content>(
    _ path: String, _ body: () throws(ImageError) -> Content
  ) -> Content? {
    do throws(ImageError) {
      return try body()
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

  private mutating func check(_ label: LabelVolume, _ path: String, _ scheme: LabelScheme) {
    var isPresent = [Bool](repeating: false, count: 256)
    for value in label.labels { isPresent[Int(value)] = true }
    let present = isPresent.indices.filter { isPresent[$0] }
    let undeclared = present.filter { !scheme.declares($0) }
    if !undeclared.isEmpty { add(path, .undeclaredLabels(undeclared)) }
    if present.allSatisfy({ $0 == 0 || $0 == scheme.ignoredValue.map(Int.init) }) { add(path, .noForeground) }
    labels = Set(present.map { UInt8($0) })
  }

  private mutating func compare(_ image: Volume, _ label: LabelVolume, _ path: String) {
    if image.size != label.size { add(path, .sizeMismatch(image: image.size, label: label.size)) }
    let difference = image.geometry.difference(from: label.geometry)
    if let spacing = difference.spacing {
      add(path, .spacingMismatch(image: spacing[0], label: spacing[1]))
    }
    if let distance = difference.originDistance { add(path, .originMismatch(distance: distance)) }
    if let degrees = difference.angle { add(path, .directionMismatch(degrees: degrees)) }
  }
}
