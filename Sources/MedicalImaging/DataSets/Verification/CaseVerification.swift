import Foundation

/// The checks of one case.
struct CaseVerification {
  private(set) var problems: [DatasetProblem] = []
  /// The labels that the mask has; nil without a readable mask.
  private(set) var labels: Set<UInt8>?
  /// The header of the scan; nil where it cannot be used.
  private(set) var header: ImageHeader?
  /// Whether the mask lies on the scan's grid in another order of the axes.
  private(set) var isMaskReordered = false
  /// What the scan holds; nil where it cannot be read.
  private(set) var content: ScanContent?

  init(of entry: Case, in dataset: Dataset, notANumber: Float?) {
    let scan = scan(entry)?.replacingNotANumber(by: notANumber)
    content = scan.map(ScanContent.init)
    if let scan { check(scan, entry.imagePath, channelCount: dataset.channelNames.count) }
    guard let labelPath = entry.labelPath else { return }
    let label = read(labelPath).flatMap { image in
      noting(labelPath) { () throws(ImageError) in try image.labelVolume() }
    }
    if let label { check(label, labelPath, dataset.labels) }
    if let scan, let label { compare(scan, label, entry) }
  }

  private mutating func add(_ path: String, _ finding: DatasetProblem.Finding) {
    problems.append(DatasetProblem(path: path, finding: finding))
  }

  /// The scan of all its files; nil where one is missing or wrong.
  private mutating func scan(_ entry: Case) -> Volume? {
    let images = entry.imagePaths.map { read($0) }.compactMap { $0 }
    guard images.count == entry.imagePaths.count else { return nil }
    return noting(entry.imagePath) { () throws(ImageError) in
      let image = try Image(joining: images)
      try image.header.requirePlausibleSpacing()
      return image
    }.map { image in
      header = image.header
      return image.volume()
    }
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

  private mutating func compare(_ image: Volume, _ label: LabelVolume, _ entry: Case) {
    let path = entry.labelPath ?? ""
    switch MaskPlacement(of: label.grid, on: image.grid) {
    case .onScan(let arrangement):
      isMaskReordered = arrangement != .identity
    case .elsewhere(let difference) where entry.maskGeometry == .scan && image.size == label.size:
      add(path, .geometryOfScanTaken(difference: "\(difference)"))
    case .elsewhere(let difference):
      add(path, .gridMismatch(GridMismatch(image: entry.imagePath, label: path, difference: difference)))
    }
  }
}
