import DurableFiles
import Foundation
import Testing

@Suite struct AtomicFileTests {
  @Test func replacesTheFileAndLeavesNoOther() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/result.txt"
      try AtomicFile.write("first", to: path)
      try AtomicFile.write("second", to: path)
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "second")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["result.txt"])
    }
  }

  @Test func writesAnEmptyFile() throws {
    try withTemporaryFolder { folder in
      try AtomicFile.write([], to: folder + "/empty")
      #expect(FileManager.default.contents(atPath: folder + "/empty") == Data())
    }
  }

  @Test func refusesAMissingFolderInOneSentence() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/missing/file"
      let error = #expect(throws: AtomicFileError.self) { try AtomicFile.write("x", to: path) }
      #expect(error?.step == .create && error?.code == ENOENT)
      let text = try #require(error?.description)
      #expect(text.hasPrefix(path) && !text.contains("\n") && text.contains("choose a folder"))
    }
  }

  @Test func leavesTheTargetUntouchedWhenItCannotBeReplaced() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/taken"
      try FileManager.default.createDirectory(atPath: path + "/inside", withIntermediateDirectories: true)
      let error = #expect(throws: AtomicFileError.self) { try AtomicFile.write("x", to: path) }
      #expect(error?.step == .rename)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["taken"])
    }
  }

  @Test(.enabled(if: geteuid() != 0, "root may write into any folder"))
  func leavesTheEarlierFileInAnUnwritableFolder() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/result"
      try AtomicFile.write("earlier", to: path)
      chmod(folder, 0o555)
      defer { chmod(folder, 0o755) }
      let error = #expect(throws: AtomicFileError.self) { try AtomicFile.write("later", to: path) }
      #expect(error?.code == EACCES)
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "earlier")
    }
  }
}
