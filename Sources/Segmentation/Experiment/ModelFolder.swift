import Foundation
import TensorGraph
import Training

/// Which of a model's checkpoints is meant.
public enum CheckpointChoice: String, Codable, Sendable, CaseIterable {
  /// After the last epoch that is done.
  case last
  /// After the epoch that did best on the validation cases.
  case best
}

/// The folder of one model: its checkpoints, its log and its report.
public struct ModelFolder: Sendable {
  public let path: String

  public init(_ path: String) { self.path = path }

  public var logPath: String { path + "/log.jsonl" }
  public var reportPath: String { path + "/report.html" }
  public var postprocessingPath: String { path + "/postprocessing.json" }
  /// The figures of every case, as CSV; as JSON.
  public var caseTablePath: String { path + "/cases.csv" }
  public var evaluationPath: String { path + "/evaluation.json" }

  /// The folders of the models of a cross-validation, in the order of the folds; empty where this is none.
  public var folds: [ModelFolder] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let indices = names.compactMap { $0.hasPrefix("fold-") ? Int($0.dropFirst(5)) : nil }
    return indices.sorted().map(fold).filter(\.holdsModel)
  }

  /// The folders of the models that this folder stands for: its own, or those of its folds.
  ///
  /// - Throws: `SegmentationError.noModel` where there is none.
  public func models() throws -> [ModelFolder] {
    if holdsModel { return [self] }
    let folds = folds
    guard !folds.isEmpty else { throw SegmentationError.noModel(folder: path) }
    return folds
  }

  public func checkpointPath(_ choice: CheckpointChoice) -> String {
    "\(path)/\(choice.rawValue).safetensors"
  }

  /// The folder of the cross-validation that this one is a fold of, by its name; nil where it is none.
  var crossValidation: ModelFolder? {
    let url = URL(fileURLWithPath: path)
    let isFold = url.lastPathComponent.hasPrefix("fold-")
    return isFold ? ModelFolder(url.deletingLastPathComponent().path) : nil
  }

  /// The folder of one model of a cross-validation.
  public func fold(_ index: Int) -> ModelFolder { ModelFolder("\(path)/fold-\(index)") }

  public var holdsModel: Bool { FileManager.default.fileExists(atPath: checkpointPath(.last)) }

  /// Makes the folder, with those above it.
  public func create() throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw SegmentationError.cannotWrite(path: path, reason: "the folder cannot be made")
    }
    guard FileManager.default.isWritableFile(atPath: path) else {
      throw SegmentationError.cannotWrite(path: path, reason: "the folder is not writable")
    }
  }
}

/// A model at one moment: its record and its tensors, weights, batch-norm statistics and optimiser state alike.
public struct Checkpoint: Sendable {
  private static let recordKey = "vnet"

  public var record: ModelRecord
  public var tensors: [String: Tensor]

  public init(record: ModelRecord, tensors: [String: Tensor]) {
    self.record = record
    self.tensors = tensors
  }

  /// Writes the checkpoint atomically; an earlier file stays whole until the new one is.
  public func write(to path: String) throws { try file().write(to: path) }

  private func file() throws -> SafetensorsFile {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let record = String(decoding: try encoder.encode(record), as: UTF8.self)
    return SafetensorsFile(
      metadata: [Self.recordKey: record],
      tensors: tensors.mapValues { SafetensorsTensor(shape: $0.shape.extents, floats: $0.elements) })
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
    do {
      record = try JSONDecoder().decode(ModelRecord.self, from: Data(text.utf8))
    } catch {
      throw SegmentationError.damagedModel(path: path, reason: "its description does not parse")
    }
    guard record.version == ModelRecord.currentVersion else {
      throw SegmentationError.damagedModel(
        path: path,
        reason: "it is of version \(record.version), this program reads "
          + "\(ModelRecord.currentVersion)")
    }
    tensors = [:]
    for (name, tensor) in file.tensors {
      tensors[name] = Tensor(Shape(tensor.shape), try tensor.floats())
    }
  }

  /// Reads one of a folder's checkpoints.
  public init(_ folder: ModelFolder, _ choice: CheckpointChoice = .last) throws {
    let path = folder.checkpointPath(choice)
    guard FileManager.default.fileExists(atPath: path) else {
      throw SegmentationError.noModel(folder: folder.path)
    }
    try self.init(contentsOf: path)
  }

  /// Checks that the tensors are those of a graph: every weight and state there, of its type and finite.
  func requireTensors(of graph: Graph, path: String) throws {
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
