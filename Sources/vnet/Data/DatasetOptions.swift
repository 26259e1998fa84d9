import ArgumentParser
import Foundation
import MedicalImaging
import Segmentation

/// Names apart by commas, as an option takes them: "t1,flair".
struct NameList: ExpressibleByArgument {
  let names: [String]

  init(argument: String) {
    names = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }
}

/// How the files of scans are told apart and followed, for every command that reads some.
struct ScanFileOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Ends of file names by which the channels of a scan lie in files of their own: t1,flair for case_t1.nii.gz and "
        + "case_flair.nii.gz.", valueName: "ends"))
  var channels: NameList?

  @Flag(help: "Follow paths in a dataset.json that lead out of its folder.")
  var allowOutside = false

  func validate() throws {
    guard let names = channels?.names else { return }
    guard Set(names).count == names.count, !names.contains("") else {
      throw ValidationError(
        "--channels \(names.joined(separator: ",")) is not possible; give different names.")
    }
  }
}

/// What says where a data set lies and what it is, besides a folder that holds all of it.
struct DatasetForm: ParsableArguments {
  @Option(help: ArgumentHelp("Folder of scans, whose masks lie in --labels.", valueName: "folder"))
  var images: String?

  @Option(help: ArgumentHelp("Folder of masks, named as their scans.", valueName: "folder"))
  var labels: String?

  @Option(help: ArgumentHelp("List of cases in CSV or JSON; see 'vnet help data'.", valueName: "file"))
  var dataList: String?

  @Option(
    help: ArgumentHelp(
      "Names of the classes, the background first, where the data set names none: background,liver,tumour.",
      valueName: "names"))
  var classes: NameList?

  @OptionGroup var files: ScanFileOptions

  func validate() throws {
    guard (images == nil) == (labels == nil) else {
      throw ValidationError(
        "--images, the folder of scans, and --labels, that of their masks, go together; give both.")
    }
    guard images == nil || dataList == nil else {
      throw ValidationError("--images and --data-list each name a data set; leave one of them out.")
    }
    guard files.channels == nil || images != nil else {
      throw ValidationError(
        "--channels applies with --images only; leave it out, or give --images and --labels.")
    }
  }

  /// Whether a data set is named by its parts.
  var namesDataset: Bool { images != nil || dataList != nil }

  /// - Parameter subject: what is read instead of a data set, such as "a scan".
  /// - Throws: `ValidationError` where an option for data sets was given.
  func requireUnused(by subject: String) throws {
    let given = [("--classes", classes != nil), ("--allow-outside", files.allowOutside)].first { $0.1 }
    if let given { throw ValidationError("\(given.0) does not apply to \(subject); leave it out.") }
  }

  var readingOptions: DatasetReadingOptions {
    DatasetReadingOptions(allowsOutside: files.allowOutside, classNames: classes?.names)
  }

  /// Reads the data set that is named by its parts, or that of a folder.
  ///
  /// - Precondition: there is a folder where the parts name none.
  func dataset(orIn folder: String?) throws -> Dataset {
    if let images {
      let pair = FolderPair(images: images, labels: labels, channels: files.channels?.names ?? [])
      return try Dataset(pair, options: readingOptions)
    }
    if let dataList { return try Dataset(list: dataList, options: readingOptions) }
    return try Dataset(folder: folder!, options: readingOptions)
  }
}

/// Options of the commands that read a data set.
struct DatasetOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder of the data set, in any layout that 'vnet help data' shows.", valueName: "folder"))
  var dataDir: String?

  @OptionGroup var form: DatasetForm

  func validate() throws {
    guard (dataDir == nil) == form.namesDataset else {
      throw ValidationError(
        dataDir == nil
          ? "there is no data set; give --data-dir, or --images and --labels, or --data-list."
          : "--data-dir, --images and --data-list each name a data set; give one of them.")
    }
  }

  func dataset() throws -> Dataset {
    if let dataDir { try requireDatasetFolder(dataDir) }
    return try form.dataset(orIn: dataDir)
  }

  /// Refuses what is plainly something else than the folder of a data set.
  private func requireDatasetFolder(_ path: String) throws {
    if ModelFolder(path).isFile {
      let isDescription = URL(fileURLWithPath: path).lastPathComponent == "dataset.json"
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent().relativePath
      throw ValidationError(
        isDescription
          ? "--data-dir \(path) is the description of a data set; give its folder, \(folder)."
          : "--data-dir \(path) is a file; give the folder of a data set, or --data-list for a list of cases."
      )
    }
    if !DatasetLayout.holdsDataset(path), ModelFolder(path).holdsModel || !ModelFolder(path).folds.isEmpty {
      throw ValidationError(
        "--data-dir \(path) holds a trained model, not a data set; give that as --model-dir.")
    }
  }
}

/// Says on the standard error what the user should know of a data set, at most a few lines.
func noteRemarks(_ remarks: [DatasetProblem], limit: Int = 5) {
  for remark in remarks.prefix(limit) { standardErrorLine("Note: \("\(remark)".printable)") }
  if remarks.count > limit {
    standardErrorLine("Note: there are \(remarks.count - limit) more remarks; 'vnet verify' lists them all.")
  }
}
