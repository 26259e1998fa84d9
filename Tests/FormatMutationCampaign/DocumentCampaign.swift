import CPUBackend
import FormatMutations
import Foundation
import MedicalImaging
import Segmentation

/// Damaged checkpoints, models in one file, data sets, lists of cases, divisions, choices of a postprocessing, evaluations and
/// measured times of convolutions, read by the thousand.
struct DocumentCampaign {
  /// A data set in the form of the Decathlon, and a model that was trained on it.
  let data: String
  let model: String
  /// The same in one file.
  let modelFile: String
  /// A file of measured times of convolutions.
  let cache: String

  /// Prints what became of `count` damaged copies of each.
  func run(_ count: Int, seed: UInt64, in folder: String) throws {
    try FileManager.default.copyItem(atPath: data, toPath: folder + "/data")
    for (document, path) in try documents(in: folder) {
      let outcome = try document.outcome(ofReading: count, seed: seed, at: path)
      print(
        "\(document.name): \(outcome.readCount) read, \(outcome.refusedCount) refused, "
          + "\(outcome.badSentences.count) bad sentences")
      for sentence in outcome.badSentences.prefix(5) { print("  \(sentence.debugDescription)") }
    }
  }

  /// Each with the path at which its damaged copies are read.
  private func documents(in folder: String) throws -> [(Document, path: String)] {
    let checkpoint = model + "/last.safetensors"
    let unchecked = folder + "/unchecked.safetensors"
    try withoutChecksums(try Data(contentsOf: URL(fileURLWithPath: checkpoint))).write(
      to: URL(fileURLWithPath: unchecked))
    let names = try Dataset(folder: data).training.map(\.name)
    let texts = [
      "splits.json": "[{\"train\": [\"\(names[0])\", \"\(names[1])\"], \"val\": [\"\(names[2])\"]}]",
      "postprocessing.json": "{\"keepLargest\": [\"one\", \"two\"]}",
      "evaluation.json": "{\"cases\": ["
        + names.map { name in
          "{\"name\": \"\(name)\", \"classes\": {\"one\": {\"dice\": 0.5, \"hd95_mm\": \"absent in prediction\"}}}"
        }.joined(separator: ", ") + "]}",
      "list.csv": "image,label,fold,subject\n"
        + names.enumerated().map { index, name in
          "imagesTr/\(name).nii.gz,labelsTr/\(name).nii.gz,\(index % 2),s\(index)\n"
        }.joined(),
      "list.json": "["
        + names.enumerated().map { index, name in
          "{\"image\": \"imagesTr/\(name).nii.gz\", \"label\": \"labelsTr/\(name).nii.gz\", \"fold\": \(index % 2)}"
        }.joined(separator: ", ") + "]",
    ]
    for (name, text) in texts {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/data/whole-\(name)"))
    }
    func document(_ name: String, read: @escaping (String) throws -> Void) throws -> (Document, String) {
      (try Document("\(folder)/data/whole-\(name)", read: read), "\(folder)/data/\(name)")
    }
    return [
      (try Document(checkpoint) { _ = try Checkpoint(contentsOf: $0) }, folder + "/a.safetensors"),
      (try Document(unchecked) { _ = try Checkpoint(contentsOf: $0) }, folder + "/b.safetensors"),
      (try Document(modelFile) { _ = try Checkpoint(contentsOf: $0) }, folder + "/c.safetensors"),
      (try Document(cache) { try Self.readTimes($0) }, folder + "/times.json"),
      (
        try Document(data + "/dataset.json") {
          _ = try Dataset(folder: ($0 as NSString).deletingLastPathComponent)
        },
        folder + "/data/dataset.json"
      ),
      try document("splits.json") { _ = try Splits(contentsOf: $0) },
      try document("postprocessing.json") {
        _ = try Postprocessing(ModelFolder(($0 as NSString).deletingLastPathComponent))
      },
      try document("evaluation.json") { _ = try EvaluationFile(contentsOf: $0) },
      try document("list.csv") { _ = try Dataset(list: $0) },
      try document("list.json") { _ = try Dataset(list: $0) },
    ]
  }

  /// Reads measured times as the choice among the algorithms does: what is damaged is measured again.
  private static func readTimes(_ path: String) throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let times = (try? JSONDecoder().decode([String: String].self, from: data)) ?? [:]
    for text in times.values { _ = ConvolutionTimes(description: text) }
  }

  /// A checkpoint as earlier versions wrote them: its checksums under a key that nobody reads, so that damage gets further.
  private func withoutChecksums(_ checkpoint: Data) -> Data {
    var checkpoint = checkpoint
    if let key = checkpoint.range(of: Data("vnet.crc32".utf8)) {
      checkpoint.replaceSubrange(key, with: Data("vnet.crc00".utf8))
    }
    return checkpoint
  }
}
