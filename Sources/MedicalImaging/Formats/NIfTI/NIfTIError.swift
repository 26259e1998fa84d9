/// What can be wrong with a NIfTI header. Every case carries the path of the file it speaks of.
public enum NIfTIError: Error, Equatable, Sendable {
  case notNIfTI(path: String)
  /// The header says that its voxels lie in a second file (`.hdr` with `.img`), and its name does not tell which.
  case pairedFiles(path: String)
  /// A `.hdr` file whose header says that its voxels follow it.
  case notHalfOfPair(path: String)
  /// The header of the format before NIfTI, which does not tell left from right.
  case analyze(path: String)
  case invalidDimensions(path: String, dim: [Int])
  case tooLarge(path: String, dims: [Int])
  case unsupportedDataType(path: String, code: Int)
  case invalidDataOffset(path: String, offset: Double)
  case invalidScaling(path: String, slope: Double, intercept: Double)
  case invalidSpacing(path: String, pixdim: [Double])
  /// `form` is "sform" or "qform".
  case invalidAffine(path: String, form: String)
  /// More than one axis beyond the first three has several entries.
  case unsupportedAxes(path: String, dims: [Int])
}

extension NIfTIError: CustomStringConvertible {
  /// One sentence: the file, what is wrong and what to do.
  public var description: String {
    switch self {
    case .notNIfTI(let path):
      "\(path): is not a NIfTI-1 or NIfTI-2 file; convert the image to .nii or .nii.gz."
    case .pairedFiles(let path):
      "\(path): is one half of a .hdr/.img pair; name the two alike, with .hdr and .img at the end."
    case .notHalfOfPair(let path):
      "\(path): says that its voxels follow the header, as in a .nii file; name it .nii."
    case .analyze(let path):
      "\(path): is an ANALYZE 7.5 image, which does not tell left from right; convert its source to NIfTI."
    case .invalidDimensions(let path, let dim):
      "\(path): its header has the dimensions \(dim), which are no image; export the file again."
    case .tooLarge(let path, let dims):
      "\(path): declares \(joined(dims)) voxels, more than the \(NIfTIHeader.maximumVoxelCount) that are read; "
        + "crop the image or export it again."
    case .unsupportedDataType(let path, let code):
      "\(path): stores voxels of datatype \(code), which is not supported; "
        + "convert them to an integer or a float of at most 64 bits."
    case .invalidDataOffset(let path, let offset):
      "\(path): places its voxels at byte \(offset), where none can be; export the file again."
    case .invalidScaling(let path, let slope, let intercept):
      "\(path): scales its voxels by slope \(slope) and intercept \(intercept); "
        + "set scl_slope and scl_inter to finite numbers."
    case .invalidSpacing(let path, let pixdim):
      "\(path): has the voxel spacing \(joined(pixdim)); set pixdim to positive numbers of mm."
    case .invalidAffine(let path, let form):
      "\(path): its \(form) is not an invertible transform; correct it or set \(form)_code to 0."
    case .unsupportedAxes(let path, let dims):
      "\(path): has the shape \(joined(dims)); split it so that one axis at most follows the three of space."
    }
  }

  private func joined<Number>(_ extents: [Number]) -> String {
    extents.map { "\($0)" }.joined(separator: "x")
  }
}
