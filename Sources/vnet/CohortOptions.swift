import ArgumentParser
import DurableFiles
import Foundation
import Segmentation

/// Options of predictions of many scans.
struct CohortOptions: ParsableArguments {
  /// The table of --quality, in the masks' folder.
  static let qualityTable = "quality.csv"

  @Flag(
    help:
      "Leave scans out whose masks are there already; previews and volumes are made of those masks, estimates of quality stay."
  )
  var skipExisting = false

  @Option(
    help: ArgumentHelp(
      "Write the voxels and mm^3 of each class of each case to this table (CSV), of masks that are there already, too.",
      valueName: "file"))
  var volumes: String?

  @Flag(
    help:
      "Draw each scan and its mask in three planes, into previews/ of the masks' folder, with an index.html.")
  var preview = false

  @Flag(
    help: ArgumentHelp(
      "Estimate each mask's Dice by how far masks of the scan and its mirror images agree (of models trained without mirroring, "
        + "those of several models), into quality.csv of the masks' folder: twice the work and more. 'vnet evaluate --quality' "
        + "calibrates it."))
  var quality = false

  /// Whether something is written of all scans together, at the end.
  var writesSummaries: Bool { volumes != nil || preview || quality }

  /// Refuses what could not be written, before anything is predicted.
  func requireTables(of output: String) throws {
    var isFolder: ObjCBool = false
    let previews = output + "/previews"
    if preview, FileManager.default.fileExists(atPath: previews, isDirectory: &isFolder), !isFolder.boolValue
    {
      throw ValidationError(
        "--preview writes into the folder \(previews), and that is a file; move it, or give another --output."
      )
    }
    guard let volumes else { return }
    guard !(quality && URL(fileURLWithPath: volumes).lastPathComponent == Self.qualityTable) else {
      throw ValidationError("--volumes \(volumes) has the name of the table of --quality; give another.")
    }
    try OutputFile.require(volumes, of: "--volumes", endings: [".csv"], madeFolder: output)
  }

  /// Refuses to replace what is no earlier table of estimates.
  func requireQualityTable(_ output: PredictionOutput) throws {
    let path = output.folder + "/" + Self.qualityTable
    guard quality, FileManager.default.fileExists(atPath: path), QualityTable(contentsOf: path) == nil else {
      return
    }
    throw ValidationError(
      "--quality writes \(path), which is there already and no earlier table of it; move it, or give another --output."
    )
  }

  /// The scans that are not to be predicted, since their masks are there.
  func finished(_ scans: [ScanSource], _ output: PredictionOutput) -> [ScanSource] {
    skipExisting ? scans.filter(output.isWritten) : []
  }

  /// What the models' folders hold to make estimates of agreements, as far as they are the same; nil where they hold nothing.
  ///
  /// - Throws: where nothing can be compared, and for a damaged file.
  func calibration(of predictor: Predictor, in folders: [String]) throws -> QualityCalibration? {
    guard let source = predictor.qualitySource else {
      throw ValidationError(
        "--quality compares masks of the scan mirrored or turned, which this model's training did not show it, or of several "
          + "models; give --model-dir the folder of a cross-validation, or train with --augment or --preset accurate."
      )
    }
    let found = try folders.map { try QualityCalibration.read(of: ModelFolder($0)) }
    if let first = found[0], first.source == source, found.allSatisfy({ $0 == first }) { return first }
    standardErrorLine(
      "Note: --quality is not calibrated for these models, and tells how far masks agree, but no Dice"
        + (source != .models ? "; 'vnet evaluate --quality' calibrates." : "."))
    return nil
  }
}
