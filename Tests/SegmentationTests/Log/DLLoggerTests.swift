import Foundation
import Segmentation
import Testing

@Suite struct DLLoggerTests {
  /// Runs `body` with the path of a log in a new folder; returns the log's lines.
  private func lines(_ body: (String) throws -> Void) throws -> [String] {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("log.json").path
    try body(path)
    return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  private func logger(_ path: String) throws -> DLLogger {
    try DLLogger(appendingTo: path, as: .dllogger, timeZone: TimeZone(secondsFromGMT: 0)!) {
      Date(timeIntervalSince1970: 1_700_000_000.25)
    }
  }

  /// What the link leads to is not ours to write.
  @Test func linksAreNotFollowed() throws {
    try withTemporaryFolder { folder in
      let (log, other) = (folder + "/log.jsonl", folder + "/other")
      try Data("precious".utf8).write(to: URL(fileURLWithPath: other))
      try FileManager.default.createSymbolicLink(atPath: log, withDestinationPath: other)
      do throws(DLLoggerError) {
        _ = try DLLogger(appendingTo: log, as: .jsonLines)
        Issue.record("opened a link")
      } catch {
        #expect(error.description.hasPrefix("\(log): is a symbolic link"), "\(error)")
      }
      #expect(try String(contentsOfFile: other, encoding: .utf8) == "precious")
    }
  }

  @Test func aLineIsAsDLLoggerWritesIt() throws {
    let lines = try lines { path in
      try logger(path).log(
        .iteration(epoch: 0, iteration: 12), ["loss": .number(0.75), "images": .integer(8)])
    }
    #expect(
      lines == [
        "DLLL {\"timestamp\": \"1700000000250.0\", \"datetime\": \"2023-11-14 22:13:20.250000\", "
          + "\"elapsedtime\": \"0.0\", \"type\": \"LOG\", \"step\": [0, 12], "
          + "\"data\": {\"images\": 8, \"loss\": 0.75}}"
      ])
  }

  @Test func everyLineIsJSON() throws {
    let lines = try lines { path in
      let logger = try logger(path)
      try logger.log(.parameter, ["path": .text("a \"b\" \\ \n\u{01}é"), "amp": .boolean(false)])
      try logger.log(.epoch(3), ["loss": .number(.nan), "tiny": .number(1e-20)])
      try logger.log(.summary, [:])
    }
    let objects = try lines.map { line in
      #expect(line.hasPrefix("DLLL {"))
      return try #require(
        JSONSerialization.jsonObject(with: Data(line.dropFirst(5).utf8)) as? [String: Any])
    }
    let data = objects.map { $0["data"] as? [String: Any] ?? [:] }
    #expect(objects[0]["step"] as? String == "PARAMETER")
    #expect(data[0]["path"] as? String == "a \"b\" \\ \n\u{01}é")
    #expect(objects[1]["step"] as? [Int] == [3])
    #expect(data[1]["loss"] as? String == "nan" && data[1]["tiny"] as? Double == 1e-20)
    #expect(objects[2]["step"] as? [Int] == [] && data[2].isEmpty)
  }

  @Test func linesAreAppendedAndAreInTheFileAtOnce() throws {
    let lines = try lines { path in
      let first = try logger(path)
      try first.log(.summary, [:])
      #expect(try String(contentsOfFile: path, encoding: .utf8).hasSuffix("}\n"))
      try logger(path).log(.epoch(1), [:])
      try first.log(.epoch(2), [:])
    }
    #expect(lines.count == 3 && lines[2].contains("\"step\": [2]"))
  }

  @Test func aFolderThatIsMissingIsNamed() {
    let error = #expect(throws: DLLoggerError.self) {
      try DLLogger(appendingTo: "/nonexistent/log.json", as: .dllogger)
    }
    #expect(error?.description.hasPrefix("/nonexistent/log.json: ") == true)
  }
}
