import Foundation

/// A class as a DICOM segmentation object names and colours it.
public struct DICOMSegment: Sendable {
  public let label: UInt8
  public let name: String
  /// Red, green, blue.
  public let color: [UInt8]

  public init(label: UInt8, name: String, color: [UInt8]) {
    self.label = label
    self.name = name
    self.color = color
  }
}

extension ConvertedSeries {
  /// Returns the file of a DICOM SEG object of a mask of this series, written by dcmqi; nil for a mask without foreground, of
  /// which the standard has none.
  ///
  /// What a class means is not known, so each has the code of tissue (SCT 85756007) and the class's name as its label.
  ///
  /// Source: DICOM PS3.3, A.51; dcmqi's schema of `itkimage2segimage`.
  /// - Parameters:
  ///   - mask: on the grid of the series, of labels among the segments'.
  ///   - segments: what the labels mean.
  ///   - version: of this program, named as the algorithm.
  ///   - writer: the program that writes the object.
  /// - Throws: `DICOMError.failed`, or what keeps files from being written.
  public func segmentationObject(
    of mask: LabelVolume, _ segments: [DICOMSegment], version: String, by writer: ExternalProgram
  ) throws -> [UInt8]? {
    guard mask.labels.contains(where: { $0 > 0 }) else { return nil }
    let files = ["mask.nii.gz", "segments.json", "object.dcm"].map { folder + "/" + $0 }
    let header = try ImageHeader(contentsOf: path)
    for file in try ImageFormat.nifti.files(of: mask, like: header, at: files[0]) { try file.write() }
    try Self.metadata(segments, version: version).write(to: URL(fileURLWithPath: files[1]))
    let outcome = try writer.run(
      [
        "--inputImageList", files[0], "--inputMetadata", files[1], "--outputDICOM", files[2],
        "--inputDICOMDirectory", sourceFolder,
      ], in: folder)
    guard outcome.status == 0, let object = FileManager.default.contents(atPath: files[2]) else {
      throw DICOMError.failed(program: "itkimage2segimage", series: series.summary, reason: outcome.reason)
    }
    return [UInt8](object)
  }

  private static func metadata(_ segments: [DICOMSegment], version: String) throws -> Data {
    let tissue = Metadata.Code(value: "85756007", scheme: "SCT", meaning: "Tissue")
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return try encoder.encode(
      Metadata(
        segments: segments.map {
          Metadata.Segment(
            label: Int($0.label), description: $0.name, segmentLabel: String($0.name.prefix(64)),
            algorithmType: "AUTOMATIC", algorithmName: "vnet \(version)", category: tissue, type: tissue,
            color: $0.color.map(Int.init))
        }))
  }
}

/// The form of what dcmqi wants to know.
private struct Metadata: Encodable {
  struct Code: Encodable {
    let value: String
    let scheme: String
    let meaning: String

    enum CodingKeys: String, CodingKey {
      case value = "CodeValue"
      case scheme = "CodingSchemeDesignator"
      case meaning = "CodeMeaning"
    }
  }

  struct Segment: Encodable {
    let label: Int
    let description: String
    let segmentLabel: String
    let algorithmType: String
    let algorithmName: String
    let category: Code
    let type: Code
    let color: [Int]

    enum CodingKeys: String, CodingKey {
      case label = "labelID"
      case description = "SegmentDescription"
      case segmentLabel = "SegmentLabel"
      case algorithmType = "SegmentAlgorithmType"
      case algorithmName = "SegmentAlgorithmName"
      case category = "SegmentedPropertyCategoryCodeSequence"
      case type = "SegmentedPropertyTypeCodeSequence"
      case color = "recommendedDisplayRGBValue"
    }
  }

  let schema = "https://raw.githubusercontent.com/qiicr/dcmqi/master/doc/schemas/seg-schema.json#"
  let creator = "vnet"
  let description = "Segmentation"
  let series = "300"
  let instance = "1"
  let segments: [[Segment]]

  /// All segments are of one file.
  init(segments: [Segment]) { self.segments = [segments] }

  enum CodingKeys: String, CodingKey {
    case schema = "@schema"
    case creator = "ContentCreatorName"
    case description = "SeriesDescription"
    case series = "SeriesNumber"
    case instance = "InstanceNumber"
    case segments = "segmentAttributes"
  }
}
