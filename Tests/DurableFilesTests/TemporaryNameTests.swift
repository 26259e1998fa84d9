import DurableFiles
import Foundation
import Testing

@Suite struct TemporaryNameTests {
  /// A process that has ended, whose number nobody else has yet.
  private func endedProcess() throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/true")
    try process.run()
    process.waitUntilExit()
    return process.processIdentifier
  }

  @Test func whatEndedProcessesLeftIsSwept() throws {
    try withTemporaryFolder { folder in
      let own = TemporaryName(for: folder + "/last.safetensors").path
      let left = own.replacingOccurrences(of: ".\(getpid())-", with: ".\(try endedProcess())-")
      let elsewhere = left.replacingOccurrences(of: "last.safetensors.", with: "last.safetensors.other-host-")
      let others = ["notes.tmp", ".hidden.tmp", "last.safetensors", ".a.b-c.tmp"].map { folder + "/" + $0 }
      #expect(own != left && elsewhere != left)
      for path in [own, left, elsewhere] + others {
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
      }
      TemporaryName.sweep(folder)
      #expect(!FileManager.default.fileExists(atPath: left))
      for path in [own, elsewhere] + others {
        #expect(FileManager.default.fileExists(atPath: path), "\(path)")
      }
    }
  }
}
