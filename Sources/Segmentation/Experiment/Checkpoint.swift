import Foundation
import TensorGraph
import Training

/// A model at one moment: its record and its tensors, weights, batch-norm statistics and optimiser state alike.
public struct Checkpoint: Sendable {
  private static let recordKey = "vnet"

  public var record: ModelRecord
  public var tensors: [String: Tensor]
  /// What else a model in one file says of itself, by `ModelNote`'s names; training leaves none.
  public var notes: [String: String]

  public init(record: ModelRecord, tensors: [String: Tensor], notes: [String: String] = [:]) {
    self.record = record
    self.tensors = tensors
    self.notes = notes
  }

  /// Writes the checkpoint atomically; an earlier file stays whole until the new one is.
  ///
  /// - Parameters:
  ///   - path: of the file.
  ///   - dtype: of the tensors' elements in the file, to which they are rounded.
  public func write(to path: String, as dtype: StoredDType = .f32) throws {
    try file(as: dtype).write(to: path)
  }

  private func file(as dtype: StoredDType = .f32) throws -> SafetensorsFile {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let record = String(decoding: try encoder.encode(record), as: UTF8.self)
    let tensors = tensors.mapValues(dtype.stored)
    let checksums = try CheckpointChecksums(record: record, tensors: tensors, notes: notes).json
    let own = [Self.recordKey: record, CheckpointChecksums.key: checksums]
    return SafetensorsFile(metadata: notes.merging(own) { $1 }, tensors: tensors)
  }

  /// The checkpoint that the first replica's `body` gives, on every replica; the others' is not called.
  init(sharedBy replicas: Replicas, _ body: () throws -> Checkpoint) throws {
    guard replicas.count > 1 else {
      self = try body()
      return
    }
    let bytes = try replicas.bytesFromFirst { try body().file().serialized() }
    try self.init(try SafetensorsFile(parsing: bytes, path: "rank 0"), path: "rank 0")
  }

  /// - Throws: `SafetensorsError` or `SegmentationError`, naming the file and the remedy.
  public init(contentsOf path: String) throws {
    try self.init(try SafetensorsFile(contentsOf: path), path: path)
  }

  private init(_ file: SafetensorsFile, path: String) throws {
    guard let text = file.metadata[Self.recordKey] else {
      throw SegmentationError.damagedModel(path: path, reason: "it is not a V-Net checkpoint")
    }
    try CheckpointChecksums.verify(file, record: text, path: path)
    record = try Self.record(Data(text.utf8), path: path)
    notes = file.metadata.filter { ![Self.recordKey, CheckpointChecksums.key].contains($0.key) }
    tensors = [:]
    for (name, tensor) in file.tensors {
      tensors[name] = Tensor(Shape(tensor.shape), try tensor.floats())
    }
  }

  private static func record(_ json: Data, path: String) throws -> ModelRecord {
    struct Header: Decodable { let version: Int }
    let decoder = JSONDecoder()
    do {
      let version = try decoder.decode(Header.self, from: json).version
      guard version <= ModelRecord.currentVersion else {
        throw SegmentationError.damagedModel(
          path: path,
          reason: "it is of version \(version), this program reads up to \(ModelRecord.currentVersion)")
      }
      return try decoder.decode(ModelRecord.self, from: json)
    } catch let error as SegmentationError {
      throw error
    } catch {
      throw SegmentationError.damagedModel(path: path, reason: "its description does not parse")
    }
  }

  /// Reads one of a folder's checkpoints.
  public init(_ folder: ModelFolder, _ choice: CheckpointChoice = .last) throws {
    let path = folder.checkpointPath(choice)
    if folder.isFile, choice == .best { throw SegmentationError.oneCheckpoint(path: path) }
    guard FileManager.default.fileExists(atPath: path) else {
      guard choice == .best, folder.holdsModel else { throw folder.noModel }
      let record = try Checkpoint(folder).record
      throw SegmentationError.noBestCheckpoint(folder: folder.path, reason: record.reasonForNoBestEpoch)
    }
    try self.init(contentsOf: path)
  }

  /// Checks that the tensors are those of a graph: every weight and state there, of its type and finite.
  package func requireTensors(of graph: Graph, path: String) throws {
    for parameter in graph.parameters where parameter.kind.isPersistent {
      guard let tensor = tensors[parameter.name] else {
        throw SegmentationError.damagedModel(path: path, reason: "it lacks the tensor \(parameter.name)")
      }
      let type = graph.type(of: parameter.value)
      guard tensor.type == type else {
        throw SegmentationError.damagedModel(
          path: path, reason: "the tensor \(parameter.name) is \(tensor.type), not \(type)")
      }
      guard tensor.elements.allSatisfy(\.isFinite) else {
        throw SegmentationError.damagedModel(
          path: path, reason: "the tensor \(parameter.name) holds numbers that are not finite")
      }
    }
  }
}
