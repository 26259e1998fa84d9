import Foundation

/// The raw form of nnU-Net, version 2: a `dataset.json` that lists no cases, and one file for each channel of a scan.
///
/// Source: nnU-Net, documentation/dataset_format.md.
enum NNUNetRawReader: DatasetReader {
  static let form = LayoutForm(
    name: "nnU-Net form", mark: "a dataset.json beside imagesTr and labelsTr (nnU-Net)",
    contents: """
      A folder with a dataset.json ("channel_names", "labels", "file_ending") and
      imagesTr/CASE_0000.nii.gz, CASE_0001.nii.gz ..., one file for each channel;
      labelsTr/CASE.nii.gz holds the mask. imagesTs has the test cases, labelsTs
      their masks where there are some.
      """, example: "vnet train --data-dir Dataset001_Brain --model-dir model")

  static func recognises(_ folder: String) -> Bool {
    let path = DecathlonReader.descriptionPath(in: folder)
    guard isFolder(folder + "/imagesTr"), let description = try? DecathlonDescription(path: path) else {
      return false
    }
    return description.entries["training"] == nil
  }

  static func read(_ folder: String, _ options: DatasetReadingOptions) throws(DatasetError) -> Dataset {
    let path = DecathlonReader.descriptionPath(in: folder)
    try options.requireNoClassNames(path)
    try options.requireNothingOutside(folder)
    let description = try DecathlonDescription(path: path)
    let labels = try description.labels()
    let channelNames = try description.modality().sorted { $0.key < $1.key }.map(\.value)
    let ending = try ending(description)
    let parent = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    let training = try ChannelFolder(
      parent, "Tr", ending: ending, channelCount: channelNames.count, masks: .required)
    let test =
      isFolder(parent + "/imagesTs")
      ? try ChannelFolder(
        parent, "Ts", ending: ending, channelCount: channelNames.count, masks: .whereThere) : nil
    guard !training.cases.isEmpty else {
      throw .noTrainingCases(
        path: parent + "/imagesTr",
        .noFiles(
          form: "CASE\(NumberedChannel.suffix(0))\(ending), by the \"file_ending\" of dataset.json",
          found: try FolderListing(parent + "/imagesTr").names))
    }
    return Dataset(
      name: description.name ?? Case.name(ofImage: parent), descriptionPath: path, layout: .nnUNetRaw,
      labels: labels, channelNames: channelNames, training: training.cases, test: test?.cases ?? [],
      declaredTrainingCount: description.declaredTrainingCount,
      skippedCount: training.hiddenCount + (test?.hiddenCount ?? 0),
      remarks: training.remarks + (test?.remarks ?? []))
  }

  /// The ending of all files, which the description says.
  private static func ending(_ description: DecathlonDescription) throws(DatasetError) -> String {
    guard let value = description.entries["file_ending"] else {
      throw .missingKey(path: description.path, key: "file_ending")
    }
    guard let ending = value.string, ImageFormat(suffix: ending) != nil, ending.hasPrefix(".") else {
      throw .invalidValue(
        path: description.path, key: "file_ending", expected: "one of \(ImageFormat.suffixList)")
    }
    return ending
  }
}

/// The cases of `imagesTr` with `labelsTr`, or of `imagesTs` with `labelsTs`.
private struct ChannelFolder {
  enum Masks {
    /// Every case should have one: where it is missing, whoever reads it says so.
    case required
    case whereThere
  }

  /// A case has all of its channels, also those whose files are missing: whoever reads them says so.
  let cases: [Case]
  let hiddenCount: Int
  let remarks: [DatasetProblem]

  /// - Parameter part: "Tr" or "Ts".
  init(
    _ parent: String, _ part: String, ending: String, channelCount: Int, masks: Masks
  ) throws(DatasetError) {
    let (images, labels) = ("\(parent)/images\(part)", "\(parent)/labels\(part)")
    let listing = try FolderListing(images)
    let numbered = listing.names.map { (name: $0, channel: NumberedChannel(fileName: $0, ending: ending)) }
    let usable = numbered.compactMap(\.channel).filter { $0.number < channelCount }
    let names = Set(usable.map(\.caseName)).sorted()
    cases = names.map { name in
      let mask = "\(labels)/\(name)\(ending)"
      let hasMask = masks == .required || FileManager.default.fileExists(atPath: mask)
      return Case(
        name: name,
        imagePaths: (0..<channelCount).map { "\(images)/\(name)\(NumberedChannel.suffix($0))\(ending)" },
        labelPath: hasMask ? mask : nil)
    }
    let maskListing = isFolder(labels) ? try FolderListing(labels) : nil
    hiddenCount = listing.hiddenCount + (maskListing?.hiddenCount ?? 0)
    let unused = numbered.filter { ($0.channel?.number ?? channelCount) >= channelCount }.map(\.name)
    let expected = Set(names.map { $0 + ending })
    let lonely = (maskListing?.names ?? []).filter { !expected.contains($0) }
    remarks =
      unused.map {
        DatasetProblem(
          path: "\(images)/\($0)",
          finding: .list(
            .unusedScan(
              expected: "CASE_0000\(ending) to CASE\(NumberedChannel.suffix(channelCount - 1))\(ending)")))
      } + lonely.map { DatasetProblem(path: "\(labels)/\($0)", finding: .list(.maskWithoutScan)) }
  }
}

/// A file of one channel of a case by nnU-Net's names: `CASE_0000.nii.gz`.
public struct NumberedChannel: Equatable, Sendable {
  public let caseName: String
  /// From 0.
  public let number: Int

  /// - Parameters:
  ///   - fileName: without its folder.
  ///   - ending: that the name must have; nil for that of any format.
  /// - Returns: nil for other names.
  public init?(fileName: String, ending: String? = nil) {
    guard let ending = ending ?? ImageFormat.suffix(of: fileName), fileName.hasSuffix(ending) else {
      return nil
    }
    let stem = fileName.dropLast(ending.count)
    let digits = stem.suffix(4)
    guard digits.count == 4, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      stem.dropLast(4).hasSuffix("_"), stem.count > 5, let number = Int(digits)
    else { return nil }
    caseName = String(stem.dropLast(5))
    self.number = number
  }

  /// "_0000".
  static func suffix(_ number: Int) -> String {
    let digits = String(number)
    return "_" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
