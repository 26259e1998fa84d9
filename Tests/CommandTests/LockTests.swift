import Foundation
import Testing

/// Two trainings into one folder.
@Suite(.serialized) struct LockTests {
  private static let train =
    "\"$VNET\" train --data-dir data --model-dir model --filters 2 --input-shape 16 16 16 --exact-convolution "

  @Test func theSecondTrainingIsRefusedUntilTheFirstIsGone() throws {
    try withFolder { folder in
      let start = try ShellRun(
        """
        "$VNET" phantom --output data --cases 4 --seed 1 > /dev/null
        \(Self.train) --epochs 100000 > /dev/null 2>&1 &
        echo $!
        for i in $(seq 600); do test -e model/last.safetensors && break; sleep 0.1; done
        """, in: folder)
      let pid = try #require(Int32(start.output.trimmingCharacters(in: .whitespacesAndNewlines)))
      defer { kill(pid, SIGKILL) }
      let lock = folder + "/model/training.lock"
      #expect(FileManager.default.fileExists(atPath: lock))

      let second = try ShellRun(Self.train + "--resume", in: folder)
      #expect(second.status == 1 && second.output.contains("labelled cases"), "\(second.output)")
      for word in ["model/training.lock", "process \(pid) on ", "--model-dir"] {
        #expect(second.errors.contains(word), "\(second.errors)")
      }
      #expect(FileManager.default.fileExists(atPath: lock))

      kill(pid, SIGKILL)
      usleep(200_000)
      // The folder is free, though nothing is left to train.
      let third = try ShellRun(Self.train + "--resume --epochs 1", in: folder)
      #expect(third.errors.contains("Note: ") && third.errors.contains("process \(pid)"), "\(third.errors)")
      #expect(third.errors.contains("--epochs"), "\(third.errors)")
      #expect(!FileManager.default.fileExists(atPath: lock))
    }
  }
}
