import CPUBackend
import DurableFiles
import Foundation
import Segmentation

/// The file that holds what the algorithms of convolutions take on a machine of this kind: measured once for each layer.
///
/// It lies in the user's cache folder and may be removed at any time. Each version of the program keeps its own, since kernels
/// change.
struct ConvolutionMemory {
  let path: String

  init(_ executor: CPUExecutor) {
    let machine = "\(TrainingMachine.processorName), \(executor.summary)"
    let name = machine.map { $0.isLetter || $0.isNumber || $0 == "." ? $0 : "-" }
    path = "\(UserCache.folder)/convolution-times-\(ProgramVersion.current)-\(String(name)).json"
  }

  /// What was kept; nothing where the file is missing or cannot be read: then all is measured again.
  var times: [String: String] {
    FileManager.default.contents(atPath: path)
      .flatMap { try? JSONDecoder().decode([String: String].self, from: $0) } ?? [:]
  }

  /// Adds times to the file. Where it cannot be written, they serve this process alone.
  func keep(_ times: [String: String]) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self.times.merging(times) { $1 }) else { return }
    let folder = (path as NSString).deletingLastPathComponent
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try? AtomicFile.write(String(decoding: data, as: UTF8.self) + "\n", to: path)
  }
}
