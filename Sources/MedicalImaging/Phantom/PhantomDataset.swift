import DurableFiles
import Foundation
import SeededRandom

/// A synthetic data set in the form of the Medical Segmentation Decathlon, for trials and tests.
public enum PhantomDataset {
  /// The name by which a phantom is known in its `dataset.json`.
  public static let name = "Phantom"
  private static let format = ImageFormat.nifti
  /// Of the names of its files.
  private static let prefix = "phantom_"

  /// Writes `imagesTr`, `labelsTr`, `imagesTs` and `dataset.json` into a folder, which is made if need be.
  ///
  /// Equal configurations give equal files. An earlier phantom in the folder is replaced: no scan or mask of it stays.
  /// - Parameters:
  ///   - configuration: what is made.
  ///   - folder: to write to; made if need be.
  ///   - progress: Called after each case with the number done and the number of all.
  /// - Returns: The data set, ready for use.
  /// - Throws: `PhantomError` for an option out of range, a folder with other files, or one that cannot be
  ///   written.
  @discardableResult
  public static func write(
    _ configuration: PhantomConfiguration, to folder: String,
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws(PhantomError) -> Dataset {
    try configuration.validate()
    try prepare(folder, for: configuration)
    var seeds = SplitMix64(seed: configuration.seed)
    let total = configuration.caseCount + configuration.testCaseCount
    for index in 0..<total {
      let phantom = PhantomCase(configuration: configuration, seed: seeds.next())
      do throws(ImageError) {
        try write(phantom, index, configuration, to: folder)
      } catch {
        guard case .cannotWrite(let path, let reason) = error else { preconditionFailure("\(error)") }
        throw .cannotWrite(path: path, reason: reason)
      }
      progress(index + 1, total)
    }
    let path = DecathlonReader.descriptionPath(in: folder)
    do throws(AtomicFileError) {
      try AtomicFile.write(description(configuration), to: path)
    } catch {
      throw .cannotWrite(path: path, reason: systemMessage(error.code))
    }
    do throws(DatasetError) {
      return try Dataset(folder: folder)
    } catch {
      throw .cannotWrite(path: path, reason: "it cannot be read back")
    }
  }

  private static let parts = ["imagesTr", "labelsTr", "imagesTs"]

  /// The scans and masks of an earlier phantom in a folder that another one does not overwrite, and `write` removes.
  public static func leftovers(of configuration: PhantomConfiguration, in folder: String) -> [String] {
    let training = Set((0..<configuration.caseCount).map(fileName))
    let test = Set((0..<configuration.testCaseCount).map { fileName(configuration.caseCount + $0) })
    return parts.flatMap { part in
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/" + part)) ?? []
      let new = part == "imagesTs" ? test : training
      return names.filter { isFileName($0) && !new.contains($0) }.sorted().map { "\(folder)/\(part)/\($0)" }
    }
  }

  /// Whether a phantom may have written a file of this name.
  private static func isFileName(_ name: String) -> Bool {
    guard name.hasPrefix(prefix), name.hasSuffix(format.standardSuffix) else { return false }
    let number = name.dropFirst(prefix.count).dropLast(format.standardSuffix.count)
    return Int(number).map { $0 > 0 && fileName($0 - 1) == name } ?? false
  }

  /// Makes the folders and empties them of an earlier phantom, whose description goes first, so that it never lists what is not
  /// there; refuses a folder that holds anything but a phantom, be it unfinished.
  private static func prepare(
    _ folder: String, for configuration: PhantomConfiguration
  ) throws(PhantomError) {
    guard isEmptyOrPhantom(folder) else { throw .folderInUse(path: folder) }
    let leftovers = leftovers(of: configuration, in: folder)
    for path in (leftovers.isEmpty ? [] : [DecathlonReader.descriptionPath(in: folder)]) + leftovers
    where unlink(path) != 0 && errno != ENOENT {
      throw .cannotWrite(path: path, reason: systemMessage(errno))
    }
    for part in parts {
      let path = folder + "/" + part
      do {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      } catch {
        throw .cannotWrite(path: path, reason: "the folder cannot be made")
      }
    }
  }

  private static func isEmptyOrPhantom(_ folder: String) -> Bool {
    let files = FileManager.default
    if files.fileExists(atPath: DecathlonReader.descriptionPath(in: folder)) {
      return (try? Dataset(folder: folder))?.name == name
    }
    let content = (try? files.contentsOfDirectory(atPath: folder)) ?? []
    return content.allSatisfy { part in
      let scans = try? files.contentsOfDirectory(atPath: folder + "/" + part)
      return scans?.allSatisfy { $0.drop { $0 == "." }.hasPrefix(prefix) } ?? false
    }
  }

  private static func write(
    _ phantom: PhantomCase, _ index: Int, _ configuration: PhantomConfiguration, to folder: String
  ) throws(ImageError) {
    let isTest = index >= configuration.caseCount
    let file = fileName(index)
    let (image, labels) = (phantom.image, phantom.labels)
    let header = ImageHeader(
      size: image.size, channelCount: image.channelCount, geometry: image.geometry,
      voxelType: configuration.modality == .ct ? .int16 : .float32, format: format,
      comment: "phantom, seed \(configuration.seed)")
    let scanPath = folder + (isTest ? "/imagesTs/" : "/imagesTr/") + file
    var files = try format.files(
      of: image, like: header, as: header.voxelType, at: scanPath)
    if !isTest {
      files += try format.files(of: labels, like: header, at: folder + "/labelsTr/" + file)
    }
    for file in files { try file.write() }
  }

  private static func fileName(_ index: Int) -> String {
    let number = String(index + 1)
    return prefix + String(repeating: "0", count: max(0, 3 - number.count)) + number
      + format.standardSuffix
  }

  private static func description(_ configuration: PhantomConfiguration) -> String {
    func object(_ names: [String]) -> String {
      names.enumerated().map { "    \"\($0)\": \"\($1)\"" }.joined(separator: ",\n")
    }
    let training = (0..<configuration.caseCount).map {
      "    {\"image\": \"./imagesTr/\(fileName($0))\", \"label\": \"./labelsTr/\(fileName($0))\"}"
    }
    let test = (0..<configuration.testCaseCount).map {
      "    \"./imagesTs/\(fileName(configuration.caseCount + $0))\""
    }
    return """
      {
        "name": "\(name)",
        "description": "Synthetic curved structures in parts, seed \(configuration.seed)",
        "tensorImageSize": "\(configuration.channelCount == 1 ? "3D" : "4D")",
        "modality": {
      \(object(configuration.channelNames))
        },
        "labels": {
      \(object(configuration.classNames))
        },
        "numTraining": \(training.count),
        "numTest": \(test.count),
        "training": [
      \(training.joined(separator: ",\n"))
        ],
        "test": [
      \(test.joined(separator: ",\n"))
        ]
      }

      """
  }
}
