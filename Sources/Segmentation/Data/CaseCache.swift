import MedicalImaging
import ProcessMemory

/// Cases prepared for training: decoded and resampled once and kept in memory up to a limit; those beyond it are read
/// again each time.
public struct CaseCache: Sendable {
  private let sources: [Case]
  private let preparation: Preparation
  /// nil for those beyond the limit.
  private let kept: [PreparedCase?]

  var count: Int { sources.count }

  /// Reads every case once, so that a damaged one stops the run before it begins.
  ///
  /// - Parameters:
  ///   - byteLimit: of what is kept.
  ///   - onCase: called after each case.
  /// - Throws: `ImageError` or `SegmentationError`, naming the file and the remedy.
  init(
    _ sources: [Case], preparation: Preparation, byteLimit: Int, onCase: () -> Void = {}
  ) throws {
    self.sources = sources
    self.preparation = preparation
    var bytesLeft = byteLimit
    kept = try sources.map { source in
      let prepared = try PreparedCase(source, preparation: preparation)
      onCase()
      guard prepared.byteCount <= bytesLeft else { return nil }
      bytesLeft -= prepared.byteCount
      return prepared
    }
  }

  /// A case by its index.
  func preparedCase(_ index: Int) throws -> PreparedCase {
    try kept[index] ?? PreparedCase(sources[index], preparation: preparation)
  }

  /// The memory that caches may take unless the user says otherwise: half of what this process may take.
  public static var defaultByteLimit: Int { MemoryLimit.byteCount / 2 }
}

extension PreparedCase {
  /// What the case takes in memory.
  fileprivate var byteCount: Int {
    sample.image.count * 4 + sample.labels.count + foregroundVoxels.reduce(0) { $0 + $1.count * 4 }
  }
}
