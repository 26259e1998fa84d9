import Foundation
import Testing

/// What a user sees of the choice of algorithms and of the bound on memory: the standard error.
@Suite(.serialized) struct MeasuringTests {
  private static let command = Bundle.module.bundleURL.deletingLastPathComponent().appendingPathComponent(
    "vnet")

  /// Times the prediction of a small network; the cache folder is the given one.
  private func benchmark(cache: String, _ arguments: String...) throws -> (status: Int32, errors: String) {
    let process = Process()
    process.executableURL = Self.command
    process.arguments =
      [
        "benchmark", "--mode", "predict", "--batch-size", "1", "--steps", "1", "--warmup-steps", "0",
        "--device", "cpu",
      ]
      + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(["XDG_CACHE_HOME": cache]) { $1 }
    let errors = Pipe()
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    try process.run()
    let text = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: text, as: UTF8.self))
  }

  private func withFolder(_ body: (String) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: url) }
    try body(url.path)
  }

  private static let measures: Bool = {
    #if arch(x86_64)
      true
    #else
      false
    #endif
  }()

  @Test(.enabled(if: measures, "there are several algorithms on x86"))
  func measuresOnceAndSaysSo() throws {
    try withFolder { cache in
      let first = try benchmark(cache: cache, "--filters", "4", "--input-shape", "48", "48", "48")
      #expect(first.status == 0, "\(first.errors)")
      #expect(first.errors.hasPrefix("Measuring which algorithms of convolutions are fastest here"))
      #expect(first.errors.split(separator: "\n").count == 1, "\(first.errors)")
      let files = try FileManager.default.contentsOfDirectory(atPath: cache + "/vnet")
      #expect(files.count == 1 && files[0].hasPrefix("convolution-times-"))
      // Other extents, of the same layers.
      let second = try benchmark(cache: cache, "--filters", "4", "--input-shape", "40", "32", "48")
      #expect(second.status == 0 && second.errors.isEmpty, "\(second.errors)")
    }
  }

  @Test func whatDoesNotFitIsRefusedBeforeMeasuring() throws {
    try withFolder { cache in
      let run = try benchmark(cache: cache, "--preset", "accurate", "--input-shape", "2048", "2048", "2048")
      #expect(run.status == 1)
      #expect(run.errors.contains("MiB of memory"), "\(run.errors)")
      #expect(!run.errors.contains("Measuring") && !FileManager.default.fileExists(atPath: cache))
    }
  }
}
