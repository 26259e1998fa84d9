import Foundation
import Testing

/// Two trainings into one folder.
@Suite(.serialized) struct LockTests {
  private static let arguments = [
    "train", "--data-dir", "data", "--model-dir", "model", "--filters", "2", "--input-shape", "16", "16",
    "16",
    "--exact-convolution", "--threads", "1",
  ]
  private static let train = "\"$VNET\" \(arguments.joined(separator: " ")) "

  /// Starts a training without an end, and waits for its first checkpoint.
  private func startedTraining(in folder: String) throws -> Process {
    let process = Process()
    process.executableURL = Bundle.module.bundleURL.deletingLastPathComponent().appendingPathComponent("vnet")
    process.arguments = Self.arguments + ["--epochs", "100000"]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    for _ in 0..<600 where !FileManager.default.fileExists(atPath: folder + "/model/last.safetensors") {
      usleep(100_000)
    }
    return process
  }

  @Test func theSecondTrainingIsRefusedUntilTheFirstIsGone() throws {
    try withFolder { folder in
      let made = try CommandRun(script: "\"$VNET\" phantom --output data --cases 4 --seed 1", in: folder)
      #expect(made.status == 0, "\(made.errors)")
      let first = try startedTraining(in: folder)
      let pid = first.processIdentifier
      defer { if first.isRunning { kill(pid, SIGKILL) } }
      let lock = folder + "/model/training.lock"
      #expect(FileManager.default.fileExists(atPath: lock))

      let second = try CommandRun(script: Self.train + "--resume --epochs 1000000", in: folder)
      #expect(second.status == 1 && second.output.contains("labelled cases"), "\(second.output)")
      for word in ["model/training.lock", "process \(pid) on ", "--model-dir"] {
        #expect(second.errors.contains(word), "\(second.errors)")
      }
      #expect(FileManager.default.fileExists(atPath: lock))

      kill(pid, SIGKILL)
      first.waitUntilExit()
      // The folder is free: the training goes on, for one epoch.
      let third = try CommandRun(
        script: "touch model/stop; " + Self.train + "--resume --epochs 1000000", in: folder)
      #expect(third.errors.contains("Note: ") && third.errors.contains("process \(pid)"), "\(third.errors)")
      #expect(third.status == 0 && third.output.contains("model/stop ends"), "\(third.output)")
      #expect(!FileManager.default.fileExists(atPath: lock))
    }
  }
}
