import Foundation
import MedicalImaging
import SeededRandom

/// What all replicas must have been started with; each compares hashes of it with the others.
public struct Agreement {
  /// Each thing's name for messages, and what is hashed where there are several replicas.
  private var contents: [(name: String, bytes: () throws -> [UInt8])] = []

  private struct Hash: Codable, Equatable {
    var name: String
    var value: UInt64
  }

  public init() {}

  /// Adds something that is written down by its value alone.
  public mutating func add(_ name: String, _ value: @autoclosure @escaping () -> some Encodable) {
    contents.append(
      (
        name,
        {
          let encoder = JSONEncoder()
          encoder.outputFormatting = [.sortedKeys]
          return [UInt8](try encoder.encode(value()))
        }
      ))
  }

  /// What decides on a training run.
  public init(_ options: TrainingOptions, _ precision: PrecisionDecision, _ dataset: Dataset) {
    add("options", options)
    add("precision", precision.halfDType?.rawValue)
    add("data set", Self.description(of: dataset))
  }

  /// What decides on an evaluation.
  public init(_ dataset: Dataset) { add("data set", Self.description(of: dataset)) }

  /// What decides on predictions.
  public init(_ scans: [Case]) { add("scans", scans.map(Self.description)) }

  /// The names of classes, channels and cases, and of every file its size and what its ends hold.
  private static func description(of dataset: Dataset) -> [String] {
    [dataset.name] + dataset.labels.valuedNames + dataset.channelNames
      + (dataset.training + dataset.test).map(description)
  }

  private static func description(of entry: Case) -> String {
    let files = (entry.imagePaths + [entry.labelPath].compactMap { $0 }).map(ends)
    return "\(entry.name) \(files)"
  }

  /// The size of a file and a hash of its first and last 64 KiB; empty for one that cannot be read.
  private static func ends(ofFile path: String) -> [UInt64] {
    guard let file = FileHandle(forReadingAtPath: path), let size = try? file.seekToEnd() else { return [] }
    let count = 64 << 10
    var bytes: [UInt8] = []
    for start in [0, size - min(size, UInt64(count))] {
      try? file.seek(toOffset: start)
      bytes += (try? file.read(upToCount: count)) ?? Data()
    }
    return [size, bytes.stableHash]
  }

  /// Returns when all replicas have the same.
  /// - Throws: `SegmentationError.replicasDiffer` on every replica where some have not.
  public func require(of replicas: Replicas) throws {
    guard replicas.count > 1 else { return }
    let all = try replicas.gather(
      try contents.map { Hash(name: $0.name, value: try $0.bytes().stableHash) })
    for (rank, other) in all.enumerated() where other != all[0] {
      let names = zip(other, all[0]).filter { $0 != $1 }.map(\.0.name)
      throw SegmentationError.replicasDiffer(rank: rank, what: names)
    }
  }
}
