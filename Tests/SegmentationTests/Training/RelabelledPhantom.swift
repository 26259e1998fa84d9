import Foundation
import MedicalImaging

/// Writes a phantom whose masks have other values.
///
/// - Parameters:
///   - values: what becomes of the values 0, 1, ...
///   - labels: "labels" of its description, and what else belongs to it.
func relabelledPhantom(
  _ configuration: PhantomConfiguration, values: [UInt8], labels: String, to folder: String
) throws -> Dataset {
  let dataset = try PhantomDataset.write(configuration, to: folder)
  for entry in dataset.training {
    let path = entry.labelPath!
    let image = try Image(contentsOf: path)
    var mask = try image.labelVolume()
    mask.labels = mask.labels.map { values[Int($0)] }
    let files = try image.header.format.files(of: mask, like: image.header, at: path)
    for file in files { try file.write() }
  }
  let path = folder + "/dataset.json"
  let description = try String(contentsOfFile: path, encoding: .utf8)
  let start = description.range(of: "\"labels\"")!.lowerBound
  let end = description.range(of: "\"numTraining\"")!.lowerBound
  try description.replacingCharacters(in: start..<end, with: labels + ",\n")
    .write(toFile: path, atomically: true, encoding: .utf8)
  return try Dataset(folder: folder)
}

/// A phantom in three parts, which lie in one another as regions: whole, core and tip.
func nestedPhantom(_ folder: String, cases: Int) throws -> Dataset {
  try relabelledPhantom(
    PhantomConfiguration(caseCount: cases, testCaseCount: 1, seed: 3, classCount: 3), values: [0, 1, 2, 4],
    labels: """
      "labels": {"background": 0, "whole": [1, 2, 4], "core": [2, 4], "tip": 4}, "regions_class_order": [1, 2, 4]
      """, to: folder)
}
