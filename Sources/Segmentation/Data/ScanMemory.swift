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

  /// The bytes for each voxel of the grid beside the voxels as they are held.
  var bytesPerVoxel: Double {
    switch self {
    case .mask, .labelled: 3
    case .probabilities(let outputCount): 3 + 16 * Double(outputCount)
    }
  }
}

extension ScanUse {
  /// Checks a scan by its files' headers, before their voxels are read.
  ///
  /// - Throws: what reading a header throws, and `SegmentationError.scanTooLarge` where the scan takes more than this process
  ///   may still take.
  func requireMemory(for paths: [String]) throws {
    var needed = 0.0
    for (index, path) in paths.enumerated() {
      let header = try ImageHeader(contentsOf: path)
      let voxels = Double(header.size.count)
      needed += voxels * Double(header.channelCount * header.voxelType.intensityByteCount)
      if index == 0 { needed += voxels * bytesPerVoxel }
    }
    let available = MemoryLimit.available
    guard needed <= Double(available) else {
      throw SegmentationError.scanTooLarge(path: paths[0], needed: needed, available: available)
    }
  }
}
