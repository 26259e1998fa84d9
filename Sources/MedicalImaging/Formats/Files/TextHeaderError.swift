/// What can be wrong with a header of text. Every case carries the path of the file it speaks of.
public enum TextHeaderError: Error, Equatable, Sendable {
  /// The file does not begin as the format's files do.
  case otherFormat(path: String, format: String)
  /// No end of the header, or of a line of it, is near.
  case endless(path: String, limit: Int)
  case missingField(path: String, field: String)
  case repeatedField(path: String, field: String)
  case invalidField(path: String, field: String, value: String, expected: String)
  case unsupportedField(path: String, field: String, value: String, remedy: String)
  case tooLarge(path: String, extents: [Int])
  case invalidGeometry(path: String)
  /// Voxels written as text, one of which is no number of the type.
  case invalidVoxel(path: String, text: String, voxelType: VoxelType)
}

extension TextHeaderError: CustomStringConvertible {
  /// One sentence: the file, what is wrong and what to do.
  public var description: String {
    switch self {
    case .otherFormat(let path, let format):
      "\(path): is not a \(format) file, whatever its name says; convert the image to \(ImageFormat.suffixList)."
    case .endless(let path, let limit):
      "\(path): has no end of its header within \(limit) bytes; export the file again."
    case .missingField(let path, let field):
      "\(path): its header does not say \(field); export the file again."
    case .repeatedField(let path, let field):
      "\(path): its header says \(field) twice; remove the wrong line."
    case .invalidField(let path, let field, let value, let expected):
      "\(path): its header says \"\(value)\" for \(field), where \(expected) should be; correct the line."
    case .unsupportedField(let path, let field, let value, let remedy):
      "\(path): its header says \"\(value)\" for \(field), which is not read; \(remedy)."
    case .tooLarge(let path, let extents):
      "\(path): declares \(extents.map { "\($0)" }.joined(separator: "x")) voxels, more than the "
        + "\(ImageHeader.maximumVoxelCount) that are read; crop the image or export it again."
    case .invalidGeometry(let path):
      "\(path): its spacing, directions and origin are no invertible transform in finite numbers; correct its header."
    case .invalidVoxel(let path, let text, let voxelType):
      "\(path): its voxels are written as text and \"\(text)\" is no \(voxelType); export the file again."
    }
  }
}
