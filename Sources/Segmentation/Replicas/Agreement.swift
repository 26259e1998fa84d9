import Foundation
import MedicalImaging

/// What all replicas must have been started with; each compares hashes of it with the others.
public struct Agreement {
  /// A name for messages, and a hash, for each thing.
  private var hashes: [Hash] = []

  private struct Hash: Codable, Equatable {
    var name: String
    var value: UInt64
  }

  public init() {}

  /// Adds something that is written down by its value alone.
  public mutating func add(_ name: String, _ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    hashes.append(Hash(name: name, value: Self.fnv1a([UInt8](try encoder.encode(value)))))
  }

  /// What decides on a training run.
  public init(_ options: TrainingOptions, _ precision: PrecisionDecision, _ dataset: MSDDataset) throws {
    try add("options", options)
    try add("precision", precision.halfDType?.rawValue)
    try add("data set", Self.description(of: dataset))
  }

  /// What decides on an evaluation.
  public init(_ dataset: MSDDataset) throws {
    try add("data set", Self.description(of: dataset))
  }

  /// What decides on predictions.
  public init(_ scans: [Case]) throws {
    try add("scans", scans.map(Self.description))
  }

  /// The names of classes, channels and cases, and the size of every file.
  private static func description(of dataset: MSDDataset) -> [String] {
    [dataset.name] + dataset.classNames + dataset.channelNames
      + (dataset.training + dataset.test).map(description)
  }

  private static func description(of entry: Case) -> String {
    let sizes = [entry.imagePath, entry.labelPath].compactMap { path in
      path.flatMap { try? FileManager.default.attributesOfItem(atPath: $0)[.size] as? Int }
    }
    return "\(entry.name) \(sizes)"
  }

  /// Returns when all replicas have the same.
  /// - Throws: `SegmentationError.replicasDiffer` on every replica where some have not.
  public func require(of replicas: Replicas) throws {
    let all = try replicas.gather(hashes)
    for (rank, other) in all.enumerated() where other != all[0] {
      let names = zip(other, all[0]).filter { $0 != $1 }.map(\.0.name)
      throw SegmentationError.replicasDiffer(rank: rank, what: names)
    }
  }

  /// Fowler, Noll and Vo's hash, the same in every process.
  private static func fnv1a(_ bytes: [UInt8]) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
