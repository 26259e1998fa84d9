import ArgumentParser
import Foundation
import Segmentation

/// Options of predictions of many scans.
struct CohortOptions: ParsableArguments {
  @Flag(help: "Leave scans out whose masks are there already.")
  var skipExisting = false

  @Option(
    help: ArgumentHelp(
      "Write the voxels and mm^3 of each class of each case to this table (CSV), of masks that are there already, too.",
      valueName: "file"))
  var volumes: String?

  /// The scans that are to be predicted, and those whose masks are there.
  func divided(_ scans: [ScanSource], _ output: PredictionOutput) -> (new: [ScanSource], done: [ScanSource]) {
    guard skipExisting else { return (scans, []) }
    let done = scans.map { output.isWritten($0) }
    return (zip(scans, done).filter { !$1 }.map(\.0), zip(scans, done).filter(\.1).map(\.0))
  }
}
