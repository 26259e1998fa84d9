/// One scan of a data set, with its mask if it has one.
public struct Case: Hashable, Sendable {
  /// The scan's file name without `.nii` or `.nii.gz`.
  public let name: String
  public let imagePath: String
  public let labelPath: String?

  public init(imagePath: String, labelPath: String? = nil) {
    name = Case.name(ofImage: imagePath)
    self.imagePath = imagePath
    self.labelPath = labelPath
  }

  /// Returns the last component of a path without `.nii` or `.nii.gz`.
  public static func name(ofImage path: String) -> String {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    for suffix in [".nii.gz", ".nii"] where file.hasSuffix(suffix) && file.count > suffix.count {
      return String(file.dropLast(suffix.count))
    }
    return file
  }
}
