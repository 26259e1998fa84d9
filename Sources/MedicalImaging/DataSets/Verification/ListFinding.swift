import PlainText

/// Something in a data set's list of cases that may not be what was meant.
public enum ListFinding: Hashable, Sendable {
  case scanWithoutMask
  case maskWithoutScan
  /// A scan's file that is none of a case's.
  ///
  /// - Parameter expected: the names that are.
  case unusedScan(expected: String)
  /// What lies in a folder of scans or masks and is of no known format.
  case otherFiles(names: [String])
  /// A case's mask is one of its scan's own files.
  case maskIsScan
  /// Scans of several channels that nothing names, in one file.
  case unnamedChannels(count: Int)
  /// What the user calls the class of the value 0, which is no name of a background.
  case unlikelyBackground(names: [String])
  /// Columns of a list that tell nothing of a case.
  case unusedColumns([String])
  /// Cases that a list or a file of splits puts in no part.
  case inNoPart(names: [String])
  /// Two cases have one mask.
  ///
  /// - Parameter images: their scans.
  case sharedMask(images: [String])
  /// Another scan has the same voxels.
  ///
  /// - Parameter leaks: whether that one is for testing, and this one for training.
  case sameContent(as: String, leaks: Bool)

  var severity: DatasetProblem.Severity {
    switch self {
    case .scanWithoutMask, .maskWithoutScan, .unusedScan, .otherFiles, .unusedColumns, .inNoPart,
      .sameContent, .unnamedChannels, .unlikelyBackground:
      .warning
    case .maskIsScan, .sharedMask: .error
    }
  }

  /// What is wrong and what to do, behind the file's name.
  var sentence: String {
    switch self {
    case .scanWithoutMask:
      "no mask has this scan's name, so it does not train; add the mask or remove the scan."
    case .maskWithoutScan:
      "no scan has this mask's name, so it is not used; add the scan or remove the mask."
    case .unusedScan(let expected):
      "is not used, since its name is not of the form \(expected); rename or remove it."
    case .otherFiles(let names):
      "\(names.count) of the names in this folder \(names.count == 1 ? "is" : "are") no image of a known format and not used "
        + "(\(shortList(names, limit: 3))); convert what should be."
    case .maskIsScan:
      "is given as its own mask; name the mask instead."
    case .unnamedChannels(let count):
      "holds \(count) volumes, which count as channels of one scan; where they are volumes in time, make each a scan of its own."
    case .unlikelyBackground(let names):
      "--classes calls the value 0 \(names[0]); if that is no background, name that first: "
        + "--classes background,\(names.joined(separator: ","))."
    case .unusedColumns(let columns):
      "nothing is made of the columns \(shortList(columns)); check their names ('vnet help data') if they matter."
    case .inNoPart(let names):
      "puts \(counted(names.count, "case")) in no part (\(shortList(names))); "
        + "\(names.count == 1 ? "it is" : "they are") left out."
    case .sharedMask(let images):
      "is the mask of several scans (\(shortList(images))); give each its own."
    case .sameContent(let other, let leaks):
      "holds the same voxels as \(other)\(leaks ? ", which is for testing" : ""); keep one of the two."
    }
  }
}
