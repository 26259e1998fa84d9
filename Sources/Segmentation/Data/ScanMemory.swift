import MedicalImaging
import ProcessMemory

/// What becomes of a scan, as far as memory is concerned.
enum ScanUse {
  /// A mask is made of it: labels in the models' order, in the file's, and the bytes of the file.
  case mask
  /// Also probabilities of so many classes or regions: in the models' order, in the file's, and twice the bytes of the file.
  case probabilities(outputCount: Int)
  /// It is trained from, measured or looked at beside a mask: labels as stored, placed and as indices.
  case labelled

  /// The bytes for each voxel of the grid: beside the voxels as they are held, and once these are gone.
  var bytesPerVoxel: (beside: Double, after: Double) {
    switch self {
    case .mask: (1, 3)
    case .labelled: (3, 0)
    case .probabilities(let outputCount): (1 + 4 * Double(outputCount), 3 + 16 * Double(outputCount))
    }
  }
}

extension ScanUse {
  /// Checks a scan by its files' headers, before their voxels are read.
  ///
  /// - Throws: what reading a header throws, and `SegmentationError.scanTooLarge` where the scan takes more than this process
  ///   may still take.
  func requireMemory(for paths: [String]) throws {
    let headers = try paths.map { path throws(ImageError) in try ImageHeader(contentsOf: path) }
    let voxels = Double(headers[0].size.count)
    let held = Self.heldByteCount(headers)
    let needed = max(held + voxels * bytesPerVoxel.beside, voxels * bytesPerVoxel.after)
    let available = MemoryLimit.available
    guard needed <= Double(available) else {
      throw SegmentationError.scanTooLarge(path: paths[0], needed: needed, available: available)
    }
  }

  /// The bytes of the voxels of some files as they are held.
  private static func heldByteCount(_ headers: [ImageHeader]) -> Double {
    headers.reduce(0) {
      $0 + Double($1.size.count) * Double($1.channelCount * $1.voxelType.intensityByteCount)
    }
  }

  /// Whether a scan's voxels take no more than a sixteenth of what this process may still take; false where that cannot be told.
  static func isSmall(_ paths: [String]) -> Bool {
    guard let headers = try? paths.map({ try ImageHeader(contentsOf: $0) }) else { return false }
    return heldByteCount(headers) <= Double(MemoryLimit.available) / 16
  }
}
