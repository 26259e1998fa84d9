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

  @Test func writesToAPipeWithoutReplacingIt() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/pipe"
      try #require(mkfifo(path, 0o600) == 0)
      // Open for reading and writing, so that neither side waits.
      let reader = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
      defer { close(reader) }
      try AtomicFile.write("through", to: path)
      var bytes = [UInt8](repeating: 0, count: 16)
      let count = read(reader, &bytes, bytes.count)
      #expect(String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self) == "through")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["pipe"])
      var status = stat()
      #expect(lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
    }
  }

  @Test func writesToADeviceThatALinkLeadsTo() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/nothing"
      try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/null")
      try AtomicFile.write("away", to: path)
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == "/dev/null")
      var status = stat()
      #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
    }
  }
}
