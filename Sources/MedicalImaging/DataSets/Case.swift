/// One scan of a data set, with its mask if it has one.
public struct Case: Hashable, Sendable {
  /// Unique in a data set; by it records remember the case, and masks are named.
  public let name: String
  /// One file for all channels, or several with some of them each, in the channels' order.
  public let imagePaths: [String]
  public let labelPath: String?
  /// Who was scanned, where the data set tells; several cases may be of one subject.
  public let subject: String?
  /// Which geometry counts where the mask's is not the scan's.
  public var maskGeometry = MaskGeometry.own

  /// - Precondition: at least one image path.
  public init(name: String, imagePaths: [String], labelPath: String? = nil, subject: String? = nil) {
    precondition(!imagePaths.isEmpty, "a case without a scan")
    self.name = name
    self.imagePaths = imagePaths
    self.labelPath = labelPath
    self.subject = subject
  }

  /// A case in one file, which names it.
  public init(imagePath: String, labelPath: String? = nil) {
    self.init(name: Case.name(ofImage: imagePath), imagePaths: [imagePath], labelPath: labelPath)
  }

  /// The scan's file, or the first of several: errors name it, and masks are stored as it is.
  public var imagePath: String { imagePaths[0] }

  /// Whether the mask is one of the scan's own files, which is a mistake.
  var isItsOwnMask: Bool { labelPath.map(imagePaths.contains) ?? false }

  /// The name of the file of this case's mask: the case's, with the ending of its scan.
  public var maskFileName: String { name + (ImageFormat.suffix(of: imagePath) ?? "") }

  /// Returns the last component of a path without the ending of an image format.
  public static func name(ofImage path: String) -> String {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    return String(file.dropLast(ImageFormat.suffix(of: file)?.count ?? 0))
  }
}
