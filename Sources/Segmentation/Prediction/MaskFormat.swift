import MedicalImaging

/// In which format masks and probabilities are written.
public enum MaskFormat: Equatable, Sendable {
  /// Each as its scan; of a DICOM series as NIfTI.
  case scans
  /// All with one ending, by which a format is known, such as ".nii.gz".
  case suffix(String)

  /// A format by its name (nifti, nifti-pair, metaimage, nrrd), whose usual ending is taken, or by an ending; in either case.
  ///
  /// - Returns: nil for other words.
  public init?(_ word: String) {
    let format = ImageFormat.allCases.first {
      $0.rawValue.lowercased() == word.lowercased().filter { $0 != "-" }
    }
    if let format {
      self = .suffix(format.standardSuffix)
    } else if ImageFormat(suffix: word) != nil {
      self = .suffix(word.hasPrefix(".") ? word : "." + word)
    } else {
      return nil
    }
  }

  /// The ending of a mask's name.
  ///
  /// - Parameter path: of the scan's file; nil for a DICOM series.
  func suffix(forScan path: String?) -> String {
    switch self {
    case .scans: path.flatMap { ImageFormat.suffix(of: $0) } ?? ImageFormat.standard.standardSuffix
    case .suffix(let suffix): suffix
    }
  }

  /// The ending of the name of probabilities: that of masks where it was asked for, else the usual one of the format.
  func probabilitiesSuffix(forScan path: String?) -> String {
    switch self {
    case .scans: ImageFormat(suffix: suffix(forScan: path))?.standardSuffix ?? suffix(forScan: path)
    case .suffix(let suffix): suffix
    }
  }
}
