import SeededRandom

/// What a scan holds, in a form by which equal scans are found whatever their files are called and however they are compressed.
struct ScanContent: Hashable {
  private let size: [Int]
  private let channelCount: Int
  private let hash: UInt64

  init(_ volume: Volume) {
    size = volume.size.extents
    channelCount = volume.channelCount
    hash = volume.voxels.withUnsafeBytes { $0.stableHash }
  }
}

/// The scans of a data set that were looked at so far.
struct ScanContents {
  private var known: [ScanContent: (entry: Case, isTest: Bool)] = [:]

  /// Adds a scan. Returns a problem where an earlier one in another file holds the same.
  ///
  /// - Parameter isTest: whether it is kept for the test.
  mutating func problems(adding content: ScanContent, of entry: Case, isTest: Bool) -> [DatasetProblem] {
    guard let other = known[content] else {
      known[content] = (entry, isTest)
      return []
    }
    guard other.entry.imagePaths != entry.imagePaths else { return [] }
    return [
      DatasetProblem(
        path: entry.imagePath,
        finding: .list(.sameContent(as: other.entry.imagePath, leaks: isTest != other.isTest)))
    ]
  }
}
