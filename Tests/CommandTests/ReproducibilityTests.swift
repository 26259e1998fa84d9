import Foundation
import Testing

/// One model gives one mask, whatever lies in the cache folder.
@Suite(.serialized) struct ReproducibilityTests {
  private static let options = [
    "--preset", "accurate", "--steps-per-epoch", "2", "--filters", "4", "--epochs", "1", "--threads", "2",
    "--device", "cpu",
  ]

  private func vnet(cache: String, _ arguments: [String]) throws -> CommandRun {
    let run = try CommandRun(arguments, environment: ["XDG_CACHE_HOME": cache])
    #expect(run.status == 0, "\(run.errors)")
    return run
  }

  /// The bytes of every file that a prediction writes, by name.
  private func prediction(_ folder: String, cache: String, to name: String) throws -> [String: Data] {
    let output = "\(folder)/\(name)"
    let errors = try vnet(
      cache: cache,
      [
        "predict", "--model-dir", "\(folder)/model", "--input", "\(folder)/data/imagesTr", "--output", output,
        "--threads", "2", "--device", "cpu", "--probabilities",
      ]
    ).errors
    #expect(!errors.contains("Measuring"))
    let names = try FileManager.default.contentsOfDirectory(atPath: output)
    return Dictionary(
      uniqueKeysWithValues: try names.map {
        ($0, try Data(contentsOf: URL(fileURLWithPath: "\(output)/\($0)")))
      })
  }

  @Test func coldAndWarmCachesGiveTheSameBits() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let trainingsCache = "\(folder)/warm"
    _ = try vnet(cache: trainingsCache, ["phantom", "--output", "\(folder)/data", "--cases", "3"])
    _ = try vnet(
      cache: trainingsCache,
      ["train", "--data-dir", "\(folder)/data", "--model-dir", "\(folder)/model"] + Self.options)
    let warm = try prediction(folder, cache: trainingsCache, to: "a")
    let cold = try prediction(folder, cache: "\(folder)/cold", to: "b")
    #expect(!warm.isEmpty && warm == cold)
    #expect(!FileManager.default.fileExists(atPath: "\(folder)/cold"))
  }
}
