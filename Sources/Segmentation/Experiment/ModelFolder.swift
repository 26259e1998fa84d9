import Foundation

/// Which of a model's checkpoints is meant.
public enum CheckpointChoice: String, Codable, Sendable, CaseIterable {
  /// After the last epoch that is done.
  case last
  /// After the epoch that did best on the validation cases.
  case best
}

/// The folder of one model: its checkpoints, its log and its report. Or a model in one file, which stands for a folder with one
/// checkpoint wherever a model is only read.
public struct ModelFolder: Sendable {
  public let path: String

  public init(_ path: String) { self.path = path }

  /// The last part of the path.
  public var name: String { URL(fileURLWithPath: path).lastPathComponent }

  /// Whether this is a model in one file.
  public var isFile: Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
  }

  /// Lines of JSON.
  public var logPath: String { path + "/log.jsonl" }
  /// The same in DLLogger's form.
  public var dlloggerPath: String { path + "/dllogger.log" }
  /// Receives event files of TensorBoard.
  public var tensorBoardPath: String { path + "/tensorboard" }
  /// Ends a training after its epoch, once somebody makes it.
  public var stopPath: String { path + "/stop" }
  /// There while a training writes into the folder.
  var lockPath: String { path + "/training.lock" }
  /// The options that the model was trained with, in YAML.
  public var configurationPath: String { path + "/config.yaml" }
  public var reportPath: String { path + "/report.html" }
  public var postprocessingPath: String { path + "/postprocessing.json" }
  public var qualityPath: String { path + "/quality.json" }

  /// The folders of the models of a cross-validation, in the order of the folds; empty where this is none.
  public var folds: [ModelFolder] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let indices = names.compactMap { $0.hasPrefix("fold-") ? Int($0.dropFirst(5)) : nil }
    return indices.sorted().map(fold).filter(\.holdsModel)
  }

  /// The folders of the models that this folder stands for: its own, or those of its folds.
  ///
  /// - Throws: `SegmentationError.noModel` or `.noModelFolder` where there is none.
  public func models() throws -> [ModelFolder] {
    if holdsModel { return [self] }
    let folds = folds
    guard !folds.isEmpty else { throw noModel }
    return folds
  }

  public func checkpointPath(_ choice: CheckpointChoice) -> String {
    isFile ? path : "\(path)/\(choice.rawValue).safetensors"
  }

  /// A checkpoint from before the last: `epoch-0012.safetensors`.
  public func keptCheckpointPath(afterEpochs epoch: Int) -> String {
    "\(path)/epoch-\(String(format: "%04d", epoch)).safetensors"
  }

  /// The epochs that are done in the checkpoints from before the last, ascending.
  public var keptEpochs: [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.compactMap { name in
      guard name.hasPrefix("epoch-"), name.hasSuffix(".safetensors") else { return nil }
      return Int(name.dropFirst("epoch-".count).dropLast(".safetensors".count))
    }.sorted()
  }

  /// The folder of the cross-validation that this one is a fold of, by its name; nil where it is none.
  var crossValidation: ModelFolder? {
    let url = URL(fileURLWithPath: path)
    let isFold = url.lastPathComponent.hasPrefix("fold-")
    return isFold ? ModelFolder(url.deletingLastPathComponent().path) : nil
  }

  /// The folder of one model of a cross-validation.
  public func fold(_ index: Int) -> ModelFolder { ModelFolder("\(path)/fold-\(index)") }

  /// What to say where a model is wanted and this folder holds none.
  var noModel: SegmentationError {
    FileManager.default.fileExists(atPath: path) ? .noModel(folder: path) : .noModelFolder(folder: path)
  }

  /// - Throws: `SegmentationError.modelExists` where a training that begins would replace a model.
  public func requireNoModel() throws {
    if holdsModel { throw SegmentationError.modelExists(folder: path) }
  }

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
