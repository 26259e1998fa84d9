import ArgumentParser
import Segmentation

/// Whether a report shows scans, for every command that writes one.
struct PictureOptions: ParsableArguments {
  @Flag(help: "Embed no slices of scans in report.html, nor in TensorBoard's files.")
  var noPictures = false

  func applied(to report: EvaluationReport) -> EvaluationReport {
    var report = report
    report.embedsPictures = !noPictures
    return report
  }
}
