import Foundation

/// What can be wrong with an image's file. Every case carries the path of the file it speaks of.
public enum ImageError: Error, Equatable, Sendable {
  case notFound(path: String)
  case cannotOpen(path: String, reason: String)
  /// A file without a byte.
  case empty(path: String)
  case notRegularFile(path: String)
  case cannotRead(path: String, reason: String)
  /// The file ends early: `expected` bytes (uncompressed) are needed for what it is, at most `actual` are there.
  case truncated(path: String, expected: Int, actual: Int)
  case damagedCompression(path: String)
  /// Voxels that are more than this process may still take, in bytes.
  case tooLargeForMemory(path: String, needed: Int, available: Int)
  /// A format that compresses its voxels itself, in a file compressed once more.
  case compressedAsAWhole(path: String)
  /// What git-lfs leaves in place of a file that it has not fetched.
  case gitPointer(path: String)
  /// A header names a file that is not in its folder.
  case outsideFolder(path: String, dataFile: String)
  /// No format knows the file by its content or by its name.
  case unknownFormat(path: String)
  /// One slice of a DICOM series, or another DICOM object, where an image is wanted.
  case dicomFile(path: String)
  case multiChannelLabels(path: String, channelCount: Int)
  case invalidLabel(path: String, value: Double, i: Int, j: Int, k: Int)
  /// The same in a file that scales its values.
  case invalidScaledLabel(
    path: String, value: Double, i: Int, j: Int, k: Int, slope: Double, intercept: Double)
  /// The files of one scan lie on different grids.
  case channelGridMismatch(path: String, first: String, difference: String)
  /// No tissue is imaged in such steps; mm along i, j, k.
  case implausibleSpacing(path: String, spacing: [Double])
  /// The voxels to write do not fit the grid of the image that they should be written like.
  case sizeMismatch(path: String, source: String, sourceSize: GridSize, size: GridSize)
  case notRepresentable(path: String, value: Float, voxelType: VoxelType)
  case cannotWrite(path: String, reason: String)
  /// What only a NIfTI header can have wrong.
  case nifti(NIfTIError)
  /// What a header of text can have wrong.
  case header(TextHeaderError)
}

extension ImageError: CustomStringConvertible {
  /// One sentence: the file, what is wrong and what to do.
  public var description: String {
    switch self {
    case .notFound(let path):
      "\(path): there is no such file; check the path."
    case .empty(let path):
      "\(path): is empty; copy or export the file again."
    case .cannotOpen(let path, let reason):
      "\(path): cannot be opened (\(reason)); check its permissions."
    case .notRegularFile(let path):
      "\(path): is not a file; give the path of a \(ImageFormat.suffixList) file."
    case .cannotRead(let path, let reason):
      "\(path): reading failed (\(reason)); check the disk and copy the file again."
    case .truncated(let path, let expected, let actual):
      "\(path): is truncated, it needs \(expected) bytes and holds at most \(actual); copy or export the file again."
    case .tooLargeForMemory(let path, let needed, let available):
      "\(path): its voxels take \(needed >> 20) MiB of memory and this process may take \(available >> 20) more; crop the image, "
        + "or allow more (ulimit -v, the container's limit, the machine)."
    case .damagedCompression(let path):
      "\(path): its compressed data are damaged; copy or export the file again."
    case .compressedAsAWhole(let path):
      "\(path): is compressed as a whole, which its format does not know; decompress it first (gunzip)."
    case .gitPointer(let path):
      "\(path): is a git-lfs pointer and not the file itself; fetch the file with `git lfs pull`."
    case .outsideFolder(let path, let dataFile):
      "\(path): names the data file \(dataFile), which is not in its folder; "
        + "put the two beside each other and write the name alone."
    case .unknownFormat(let path):
      "\(path): is no image of a known format; convert the image to \(ImageFormat.suffixList)."
    case .dicomFile(let path):
      "\(path): is a DICOM file; 'vnet predict' takes the folder of its series, for all else convert it with dcm2niix."
    case .multiChannelLabels(let path, let channelCount):
      "\(path): holds \(channelCount) channels where a mask has one; merge them into one label map."
    case .invalidLabel(let path, let value, let i, let j, let k):
      "\(path): voxel (\(i), \(j), \(k)) has the value \(value), which is no label; "
        + "masks hold whole numbers from 0 to 255."
    case .invalidScaledLabel(let path, let value, let i, let j, let k, let slope, let intercept):
      "\(path): voxel (\(i), \(j), \(k)) has the value \(value), which is no label, "
        + "because the file scales its values (scl_slope \(slope), scl_inter \(intercept)); "
        + "store the mask again as whole numbers with slope 1 and intercept 0."
    case .channelGridMismatch(let path, let first, let difference):
      "\(path): does not lie on the grid of the same scan's \(first) (\(difference)); "
        + "resample the scan's channels to one grid."
    case .implausibleSpacing(let path, let spacing):
      "\(path): has a voxel spacing of \(spacing.map(plain).joined(separator: " x ")) mm, beyond the "
        + "\(plain(ImageHeader.plausibleSpacing.lowerBound)) to \(plain(ImageHeader.plausibleSpacing.upperBound)) mm that "
        + "are possible; correct its unit or its geometry."
    case .sizeMismatch(let path, let source, let sourceSize, let size):
      "\(path): the voxels to write are \(size) and its source \(source) is \(sourceSize); "
        + "resample them to the source's grid first."
    case .notRepresentable(let path, let value, let voxelType):
      "\(path): the voxel value \(value) does not fit in \(voxelType); write it as float32."
    case .cannotWrite(let path, let reason):
      "\(path): cannot be written (\(reason)); choose a folder that exists, is writable and has space."
    case .nifti(let error):
      error.description
    case .header(let error):
      error.description
    }
  }

  private func plain(_ number: Double) -> String { String(format: "%g", number) }
}
