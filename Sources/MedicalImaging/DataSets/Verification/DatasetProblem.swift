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
    /// The channels in the file differ in number from those that `dataset.json` declares.
    case channelCount(found: Int, declared: Int)
    case nonFinite(voxelCount: Int)
    /// All voxels of one channel have the same value.
    case constant(channel: Int, value: Float)
    case sizeMismatch(image: GridSize, label: GridSize)
    case spacingMismatch(image: [Double], label: [Double])
    case originMismatch(distance: Double)
    case directionMismatch(degrees: Double)
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
  }

  public var severity: Severity {
    switch finding {
    case .missing, .unreadable, .channelCount, .nonFinite, .sizeMismatch, .spacingMismatch, .originMismatch,
      .directionMismatch, .undeclaredLabels, .duplicate, .constant:
      .error
    case .noForeground, .absentClass, .trainingCount, .remark, .testInTraining:
      .warning
    }
  }
}

extension DatasetProblem: CustomStringConvertible {
  /// One sentence: the file, what is wrong and what to do.
  public var description: String {
    switch finding {
    case .missing:
      "\(path): is listed in dataset.json and not there; add the file or remove the entry."
    case .unreadable(let sentence):
      sentence
    case .channelCount(let found, let declared):
      "\(path): has \(found) channels and dataset.json declares \(declared); correct one of the two."
    case .nonFinite(let voxelCount):
      "\(path): \(voxelCount) voxels are infinite or not a number; replace them by finite intensities."
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
    case .sizeMismatch, .spacingMismatch, .originMismatch, .directionMismatch, .undeclaredLabels,
      .noForeground:
      "\(path): \(labelSentence)"
    }
  }

  /// What is wrong with a mask.
  private var labelSentence: String {
    switch finding {
    case .sizeMismatch(let image, let label):
      "the mask has \(label) voxels and its scan \(image); resample the mask to the scan's grid."
    case .spacingMismatch(let image, let label):
      "the mask's spacing is \(rounded(label)) mm and its scan's \(rounded(image)) mm; "
        + "copy the scan's geometry to the mask."
    case .originMismatch(let distance):
      "the mask's first voxel lies \(rounded([distance])) mm from its scan's; "
        + "copy the scan's geometry to the mask."
    case .directionMismatch(let degrees):
      "the mask's axes are turned by \(rounded([degrees])) degrees from its scan's; "
        + "copy the scan's geometry to the mask."
    case .undeclaredLabels(let labels):
      "the mask has the labels \(labels.map(String.init).joined(separator: ", ")), which dataset.json "
        + "does not declare; declare or correct them."
    default:
      "the mask has no foreground; check that it is the right mask."
    }
  }
}
