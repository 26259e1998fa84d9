import PlainText

/// Something in a data set that would spoil training, or might.
public struct DatasetProblem: Hashable, Sendable {
  public enum Severity: String, Sendable {
    /// Training on the data set would fail or learn something wrong.
    case error
    /// Training works, but the data set may not be what was meant.
    case warning
  }

  /// The file that has the problem.
  public let path: String
  public let finding: Finding

  public init(path: String, finding: Finding) {
    self.path = path
    self.finding = finding
  }

  public enum Finding: Hashable, Sendable {
    case missing
    /// The file cannot be read, for a reason given as a whole sentence that names the file.
    case unreadable(sentence: String)
    /// The channels in the file differ in number from those that the data set declares.
    case channelCount(found: Int, declared: Int)
    case nonFinite(voxelCount: Int)
    /// All voxels of one channel have the same value.
    case constant(channel: Int, value: Float)
    /// The mask lies on another grid than its scan.
    case gridMismatch(GridMismatch)
    /// The mask lies on another grid, and the scan's geometry is taken for it; the difference in a few words.
    case geometryOfScanTaken(difference: String)
    /// The spacing is far from the other scans', in mm along right, front and up.
    case farSpacing([Double], median: [Double])
    /// The same of the grid's whole extent.
    case farExtent([Double], median: [Double])
    case undeclaredLabels([Int])
    case noForeground
    /// The file is listed more than once, or two files give their cases one name.
    case duplicate(name: String)
    /// The same file is listed for training and for testing.
    case testInTraining(name: String)
    /// No mask of the data set has this class, or any value of this region.
    case absentClass(values: [Int], name: String)
    case trainingCount(declared: Int, listed: Int)
    case remark(ImageRemark)
    case list(ListFinding)
  }

  public var severity: Severity {
    switch finding {
    case .missing, .unreadable, .channelCount, .nonFinite, .gridMismatch, .undeclaredLabels, .duplicate,
      .constant:
      .error
    case .noForeground, .absentClass, .trainingCount, .remark, .testInTraining, .geometryOfScanTaken,
      .farSpacing,
      .farExtent:
      .warning
    case .list(let finding): finding.severity
    }
  }
}

extension DatasetProblem: CustomStringConvertible {
  /// One sentence: the file, what is wrong and what to do.
  public var description: String {
    switch finding {
    case .list(let finding): "\(path): \(finding.sentence)"
    case .missing:
      "\(path): belongs to the data set and is not there; add the file or remove its case."
    case .unreadable(let sentence):
      sentence
    case .channelCount(let found, let declared):
      "\(path): has \(counted(found, "channel")) and the data set declares \(declared); correct one of the two."
    case .nonFinite(let voxelCount):
      "\(path): \(counted(voxelCount, "voxel is", "voxels are")) infinite or not a number; replace them by finite intensities "
        + "(--nan-as 0 takes those that are not a number for 0)."
    case .constant(let channel, let value):
      "\(path): all voxels of channel \(channel) are \(value); replace the empty scan or remove the case."
    case .remark(.trailingData):
      "\(path): goes on behind its voxels, so its header may be wrong; check its dimensions."
    case .remark(.bitsPerVoxelMismatch(let bits, let voxelType)):
      "\(path): declares \(bits) bits per voxel and stores \(voxelType); check how it was exported."
    case .remark(.secondGeometry(let unusable, let used)):
      "\(path): its \(unusable) is no usable geometry, so its \(used) is taken; correct the header."
    case .duplicate(let name):
      "\(path): the case \(name) is listed more than once; keep one entry for each case."
    case .testInTraining(let name):
      "\(path): the case \(name) is listed for training and for testing; keep one of the two."
    case .absentClass(let values, let name):
      "\(path): no mask has the class \(values.map(String.init).joined(separator: " or ")) (\(name)); "
        + "check the masks or remove the class."
    case .trainingCount(let declared, let listed):
      "\(path): \"numTraining\" says \(declared) and \(listed) training cases are listed; correct the number."
    case .farSpacing(let spacing, let median):
      "\(path): its spacing of \(rounded(spacing)) mm is far from the scans' median of \(rounded(median)); "
        + "check its unit and its geometry."
    case .farExtent(let extent, let median):
      "\(path): it spans \(rounded(extent)) mm, far from the scans' median of \(rounded(median)); "
        + "check its spacing and what it shows."
    case .geometryOfScanTaken(let difference):
      "\(path): the scan's geometry is taken for the mask (its own: \(difference)); check that they belong together."
    case .gridMismatch(let mismatch):
      "\(mismatch)"
    case .undeclaredLabels(let labels):
      "\(path): the mask has the labels \(labels.map(String.init).joined(separator: ", ")), which the data "
        + "set does not declare; \(LabelScheme.remedyForUndeclared)."
    case .noForeground:
      "\(path): the mask has no foreground; check that it is the right mask."
    }
  }
}
