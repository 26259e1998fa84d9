import Foundation
import Testing

/// A folder of its own for one test of the `vnet` command, removed at the end.
final class Sandbox {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func vnet(_ arguments: [String]) throws -> CommandRun { try CommandRun(arguments) }

  func vnet(_ arguments: String...) throws -> CommandRun { try CommandRun(arguments) }

  /// Makes a data set of 6 labelled cases and two others.
  func phantom(_ name: String = "data", _ more: String...) throws -> String {
    let data = path + "/" + name
    let run = try vnet(["phantom", "--output", data, "--cases", "6", "--seed", "1"] + more)
    #expect(run.status == 0, "\(run.errors)")
    return data
  }

  /// Trains a tiny model for one epoch.
  func train(_ data: String, _ more: String...) throws -> (model: String, run: CommandRun) {
    let model = path + "/model"
    let options = [
      "--filters", "4", "--input-shape", "16", "16", "16", "--epochs", "1", "--exact-convolution",
    ]
    return (model, try vnet(["train", "--data-dir", data, "--model-dir", model] + options + more))
  }

  func files(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
}

/// A failure with one sentence that holds the given words, and no trace of a crash.
func expectRefusal(_ run: CommandRun, _ words: String..., at location: SourceLocation = #_sourceLocation) {
  #expect(run.status != 0 && run.status < 128, sourceLocation: location)
  for word in words { #expect(run.errors.contains(word), "\(run.errors)", sourceLocation: location) }
  #expect(!run.errors.contains("Fatal error"), sourceLocation: location)
}

/// Runs `body` with a new empty folder, which is removed afterwards.
func withFolder(_ body: (String) throws -> Void) throws {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: url) }
  try body(url.path)
}
