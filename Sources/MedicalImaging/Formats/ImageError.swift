/// What can be wrong with an image's file. Every case carries the path of the file it speaks of.
public enum ImageError: Error, Equatable, Sendable {
  case cannotOpen(path: String, reason: String)
  case notRegularFile(path: String)
  case cannotRead(path: String, reason: String)
  /// The file ends early: `expected` bytes (uncompressed) are declared, at most `actual` are there.
  case truncated(path: String, expected: Int, actual: Int)
  case damagedCompression(path: String)
  /// No format knows the file by its content or by its name.
  case unknownFormat(path: String)
  case multiChannelLabels(path: String, channelCount: Int)
  case invalidLabel(path: String, value: Float, i: Int, j: Int, k: Int)
  /// The files of one scan lie on different grids.
  case channelGridMismatch(path: String, first: String, difference: String)
  /// The voxels to write do not fit the grid of the image that they should be written like.
  case sizeMismatch(path: String, source: String, sourceSize: GridSize, size: GridSize)
  case notRepresentable(path: String, value: Float, voxelType: VoxelType)
  case cannotWrite(path: String, reason: String)
  /// What only a NIfTI header can have wrong.
  case nifti(NIfTIError)
}

extension ImageError: CustomStringConvertible {
  /// One sentence: the file, what is wrong and what to do.
  public var description: String {
    switch self {
    case .cannotOpen(let path, let reason):
      "\(path): cannot be opened (\(reason)); check the path and its permissions."
    case .notRegularFile(let path):
      "\(path): is not a file; give the path of a \(ImageFormat.suffixList) file."
    case .cannotRead(let path, let reason):
      "\(path): reading failed (\(reason)); check the disk and copy the file again."
    case .truncated(let path, let expected, let actual):
      "\(path): is truncated, it declares \(expected) bytes and holds at most \(actual); "
        + "copy or export the file again."
    case .damagedCompression(let path):
      "\(path): its gzip data are damaged; copy or export the file again."
    case .unknownFormat(let path):
      "\(path): is no image of a known format; convert the image to \(ImageFormat.suffixList)."
    case .multiChannelLabels(let path, let channelCount):
      "\(path): holds \(channelCount) channels where a mask has one; merge them into one label map."
    case .invalidLabel(let path, let value, let i, let j, let k):
      "\(path): voxel (\(i), \(j), \(k)) has the value \(value), which is no label; "
        + "masks hold whole numbers from 0 to 255."
    case .channelGridMismatch(let path, let first, let difference):
      "\(path): does not lie on the grid of the same scan's \(first) (\(difference)); "
        + "resample the scan's channels to one grid."
    case .sizeMismatch(let path, let source, let sourceSize, let size):
      "\(path): the voxels to write are \(size) and its source \(source) is \(sourceSize); "
        + "resample them to the source's grid first."
    case .notRepresentable(let path, let value, let voxelType):
      "\(path): the voxel value \(value) does not fit in \(voxelType); write it as float32."
    case .cannotWrite(let path, let reason):
      "\(path): cannot be written (\(reason)); choose a folder that exists, is writable and has space."
    case .nifti(let error):
      error.description
    }
  }
}
