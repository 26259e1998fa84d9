import PlainText

/// What can go wrong with DICOM series and the programs that read and write them.
public enum DICOMError: Error, Equatable, Sendable, CustomStringConvertible {
  case noImages(path: String)
  case onlyDerived(found: String)
  case noSuchSeries(word: String, found: String)
  /// The program that converts series is nowhere.
  case noConverter(path: String)
  /// The program that writes segmentation objects is nowhere.
  case noSegmentationWriter
  case failed(program: String, series: String, reason: String)
  case severalVolumes(series: String, names: [String])
  case unevenSlices(series: String)

  /// One sentence: the file, what is wrong and what to do.
  public var description: String {
    switch self {
    case .noImages(let path):
      "\(path): the DICOM files hold no image; give the folder of a series."
    case .onlyDerived(let found):
      "\(found); derived images and localisers are taken only when they are named: choose some with --series."
    case .noSuchSeries(let word, let found):
      "--series \(word) is none of those there; \(found)."
    case .noConverter(let path):
      "\(path): DICOM series are read through dcm2niix, which is neither in .deps nor on the PATH; run 'make setup' or "
        + "'pip install dcm2niix'."
    case .noSegmentationWriter:
      "--dicom-seg writes through itkimage2segimage of dcmqi, which is neither in .deps nor on the PATH; "
        + "'pip install dcmqi', or leave --dicom-seg out."
    case .failed(let program, let series, let reason):
      "\(series): \(program) failed (\(reason)); check that the series is complete."
    case .severalVolumes(let series, let names):
      "\(series): dcm2niix makes \(counted(names.count, "volume")) of this series (\(names.joined(separator: ", "))); "
        + "convert it yourself, and predict the one that is meant."
    case .unevenSlices(let series):
      "\(series): its slices are not evenly apart, as where some are missing; complete the series, or convert it by dcm2niix "
        + "yourself and predict the volume that is meant."
    }
  }
}
