import ArgumentParser
import Foundation
import MedicalImaging
import PlainText
import Segmentation

/// What became of the scans of a prediction, told as they come: a line for each, and one at the end.
struct PrintedOutcomes: Encodable {
  struct Predicted: Encodable {
    let scan: String
    let mask: String
    let notes: [String]
    /// Where it is asked for.
    let quality: QualityEstimate?
  }

  struct Failed: Encodable {
    let scan: String
    let reason: String
  }

  private(set) var predicted: [Predicted] = []
  private(set) var failed: [Failed] = []
  /// Masks that were there and stay.
  var skipped: [String] = []

  /// Makes an estimate of how far a scan's masks agree.
  var estimate: ([Double?]) -> QualityEstimate? = { _ in nil }

  private let total: Int
  private let isQuiet: Bool
  private let progress: ProgressLine

  private enum CodingKeys: CodingKey {
    case predicted, failed, skipped
  }

  /// - Parameters:
  ///   - total: the scans to come.
  ///   - isQuiet: whether nothing is told on the standard output.
  init(of total: Int, isQuiet: Bool = false) {
    self.total = total
    self.isQuiet = isQuiet
    progress = ProgressLine("predicted", of: total)
  }

  /// Tells one outcome.
  mutating func add(_ scan: ScanSource, _ outcome: PredictionOutcome) {
    switch outcome {
    case .written(let path, let notes, let agreement):
      let quality = agreement.flatMap(estimate)
      predicted.append(Predicted(scan: scan.name, mask: path, notes: notes, quality: quality))
      if !isQuiet { print((path + (quality.map { "  \($0.summary)" } ?? "")).printable) }
      for note in notes { standardErrorLine("Note: \(note.printable)") }
    case .failed(let reason):
      fail(scan, reason)
    }
    progress.show(predicted.count + failed.count)
  }

  /// Tells what of a scan could not be done: its mask, or what is made of it.
  mutating func fail(_ scan: ScanSource, _ reason: String) {
    failed.append(Failed(scan: scan.name, reason: reason))
    standardErrorLine("Error: \(reason.printable)")
  }

  /// Tells how many there were.
  func close() {
    guard !isQuiet, total + skipped.count > 1 else { return }
    let parts = [
      "\(predicted.count) of \(total + skipped.count) predicted",
      skipped.isEmpty ? nil : "\(skipped.count) there already",
      failed.isEmpty ? nil : "\(failed.count) failed",
    ]
    print(parts.compactMap { $0 }.joined(separator: ", "))
  }
}

/// Predicts, and at the end fails, on all replicas, where one did.
///
/// - Parameter body: is given what tells each outcome, on the first replica.
/// - Returns: the outcomes, on the first replica.
@discardableResult
func printingOutcomes(
  _ replicas: Replicas, _ outcomes: PrintedOutcomes,
  then finish: (inout PrintedOutcomes) throws -> Void = { _ in },
  _ body: ((ScanSource, PredictionOutcome) throws -> Void) throws -> Void
) throws -> PrintedOutcomes {
  var outcomes = outcomes
  try body { outcomes.add($0, $1) }
  if replicas.isFirst {
    outcomes.close()
    try finish(&outcomes)
  }
  if try replicas.fromFirst({ outcomes.failed.count }) > 0 { throw ExitCode.failure }
  return outcomes
}
