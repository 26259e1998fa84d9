import Foundation
import MedicalImaging
import PlainText
import Segmentation
import Training

/// What `vnet inspect` says of a trained model: the data, the recipe, the scores, the date; for people and as JSON.
struct ModelSummary: Encodable {
  struct Score: Encodable {
    let name: String
    /// Soft Dice on the validation cases; nil where none has the structure.
    let softDice: Double?
  }

  let path: String
  let dataSet: String
  let trainingCases, validationCases: Int
  let division: String
  let channels: [String]
  let labels: [String]
  let orientation: String
  /// mm; nil for one grid for all scans.
  let spacing: [Double]?
  let preset, network: String
  let inputShape, outputShape: [Int]
  let parameterCount: Int
  let batchSize: Int
  let optimizer, schedule, loss: String
  let baseLearningRate: Double
  let normalizations: [String]
  let epochsDone, epochs: Int
  let bestEpoch: Int?
  /// After the last epoch that ended with a validation; empty without any.
  let scores: [Score]
  let date: String?
  let version, processor, device: String?
  let startedFrom, license: String?

  init(_ folder: ModelFolder) throws {
    let checkpoint = try Checkpoint(folder)
    let (record, options) = (checkpoint.record, checkpoint.record.options)
    let network = try options.network.validated()
    path = folder.path
    dataSet = record.datasetName
    (trainingCases, validationCases) = (record.trainingCases.count, record.validationCases.count)
    division = record.divisionSummary ?? record.randomDivisionSummary
    channels = record.preparation.channelNames
    labels = record.preparation.labels.valuedNames
    orientation = record.preparation.orientation.rawValue
    spacing = record.preparation.spacing
    (preset, self.network) = (options.preset.rawValue, network.architecture.kind.rawValue)
    (inputShape, outputShape) = (network.inputShape, network.outputShape)
    parameterCount = try network.trainableParameterCount()
    batchSize = options.batchSize
    optimizer = options.optimizer.name.rawValue
    (schedule, loss) = (options.schedule.rawValue, options.loss.name.rawValue)
    baseLearningRate = options.baseLearningRate
    normalizations = record.preparation.normalizations.map(\.summary)
    (epochsDone, epochs) = (record.epoch, options.epochs)
    bestEpoch = record.bestEpoch.map { $0 + 1 }
    let validated = record.history.last { !$0.validationDice.isEmpty }
    scores = record.preparation.labels.structures.compactMap { structure in
      validated.map { Score(name: structure.name, softDice: $0.validationDice[structure.output]) }
    }
    date = Self.date(of: folder)
    (version, processor, device) = (
      record.machine?.version, record.machine?.processor, record.machine?.device
    )
    startedFrom = record.origin?.summary
    license = checkpoint.notes[ModelNote.license]
  }

  /// When the last checkpoint was written, in UTC.
  private static func date(of folder: ModelFolder) -> String? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: folder.checkpointPath(.last))
    return (attributes?[.modificationDate] as? Date).map { ISO8601DateFormatter().string(from: $0) }
  }

  /// The mean soft Dice over the structures that are there.
  var meanScore: Double? {
    let scores = scores.compactMap(\.softDice)
    return scores.isEmpty ? nil : scores.reduce(0, +) / Double(scores.count)
  }

  /// What stands behind each topic, for people.
  var lines: [(topic: String, text: String)] {
    func extents(_ values: [Int]) -> String { values.map(String.init).joined(separator: " ") }
    let scoreTexts = scores.map { "\($0.name) \($0.softDice.map { String(format: "%.3f", $0) } ?? "absent")" }
    let optional = [
      ("validation", scores.isEmpty ? nil : "soft Dice " + scoreTexts.joined(separator: ", ")),
      ("started from", startedFrom), ("licence", license), ("date", date),
      ("trained by", version.map { "vnet \($0), \(processor ?? ""), \(device ?? "")" }),
    ]
    return [
      ("model", path), ("data set", dataSet),
      ("cases", "\(trainingCases) training, \(validationCases) validation"),
      ("division", division), ("channels", channels.joined(separator: ", ")),
      ("classes", labels.joined(separator: ", ")),
      ("preset", "\(preset), \(network), \(parameterCount) parameters"),
      (
        "input",
        extents(inputShape)
          + (spacing.map { " at \($0.map { String(format: "%g", $0) }.joined(separator: " ")) mm" } ?? "")
      ),
      ("normalised", Set(normalizations).sorted().joined(separator: "; ")),
      (
        "recipe",
        "\(optimizer), learning rate \(numeral(baseLearningRate)) \(schedule), batches of \(batchSize), loss \(loss)"
      ),
      ("epochs", "\(epochsDone) of \(epochs), best on validation: \(bestEpoch.map { "\($0)" } ?? "none")"),
    ] + optional.compactMap { topic, text in text.map { (topic: topic, text: $0) } }
  }
}

/// Prints lines with their topics as a column.
func printTopics(_ lines: [(topic: String, text: String)]) {
  for line in lines {
    print("\(line.topic.padding(toLength: 13, withPad: " ", startingAt: 0))\(line.text)".printable)
  }
}
