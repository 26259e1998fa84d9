import Foundation
import MedicalImaging
import PlainText
import Segmentation

/// What people should know of a model before they use it, in Markdown.
///
/// Source: Mitchell et al. 2019, "Model cards for model reporting", whose headings it takes as far as a training knows them.
struct ModelCard {
  let text: String

  init(
    _ record: ModelRecord, _ postprocessing: Postprocessing, _ terms: ModelFileExport.Terms, date: String
  ) {
    text = """
      # A model of \(record.datasetName.printable)

      ## Details
      - Network: \(record.options.network.architecture.kind.rawValue), preset \(record.options.preset.rawValue).
      - Channels: \(Self.list(record.preparation.channelNames)).
      - Labels: \("\(record.preparation.labels)".printable).
      - Only the largest component stays of: \(Self.list(postprocessing.keepLargest)).
      - Trained by vnet \(record.machine?.version ?? "of an earlier version"); \(date).
      - Licence: \(terms.license.printable).

      ## Intended use
      \(terms.intendedUse.printable)

      ## Data
      - \(counted(record.trainingCases.count, "case")) trained and \(record.validationCases.count) validated.
      - Divided \((record.divisionSummary ?? record.randomDivisionSummary).printable).
      \(Self.grids(record))
      ## Scores
      \(Self.scores(record))
      """
  }

  private static func list(_ names: [String]) -> String {
    names.isEmpty
      ? "none" : names.map { $0.isEmpty ? "one without a name" : $0.printable }.joined(separator: ", ")
  }

  private static func grids(_ record: ModelRecord) -> String {
    guard let grids = record.trainingGrids else { return "" }
    return "- \(grids.summary(seen: record.preparation.orientation))\n"
  }

  /// Soft Dice on the validation cases after the last epoch with a validation.
  private static func scores(_ record: ModelRecord) -> String {
    guard let entry = record.history.last(where: { !$0.validationDice.isEmpty }) else {
      return "No case validated: nothing was measured."
    }
    let lines = record.preparation.labels.structures.map { structure in
      let dice = entry.validationDice[structure.output]
      return "- \(structure.name.printable): \(dice.map { String(format: "%.4f", $0) } ?? "absent")"
    }
    return "Soft Dice on the validation cases after \(entry.epoch + 1) of \(record.epoch) epochs:\n"
      + lines.joined(separator: "\n")
  }
}
