import Foundation
import PlainText
import Testing

/// Outputs that are full, closed or unread, and names that a terminal or a spreadsheet would obey.
@Suite(.serialized) struct OutputTests {
  private static let phantom = "\"$VNET\" phantom --output data --cases 6 --seed 1 > /dev/null && "
  private static let train =
    "\"$VNET\" train --data-dir data --model-dir model --filters 4 --input-shape 16 16 16 "

  private func epochs(_ folder: String) throws -> Int {
    try String(contentsOfFile: folder + "/model/log.jsonl", encoding: .utf8).components(
      separatedBy: "train_loss"
    ).count - 1
  }

  private func expectOneSentence(
    _ run: CommandRun, _ word: String, at location: SourceLocation = #_sourceLocation
  ) {
    #expect(run.status == 74, "\(run.errors)", sourceLocation: location)
    let lines = run.errors.split(separator: "\n").filter { !$0.hasPrefix("Measuring") }
    #expect(lines.count == 1 && lines[0].hasPrefix("Error: "), "\(run.errors)", sourceLocation: location)
    #expect(lines[0].contains("standard output") && lines[0].contains(word), sourceLocation: location)
  }

  @Test(arguments: [
    "inspect --preset hippocampus", "inspect --preset hippocampus --graph", "--help", "help train",
    "--version",
    "predict --help", "--generate-completion-script bash", "phantom --output data$$ --cases 1",
  ])
  func aFullOrClosedOutputIsAnError(_ arguments: String) throws {
    try withFolder { folder in
      expectOneSentence(
        try CommandRun(script: "\"$VNET\" \(arguments) > /dev/full", in: folder), "No space left")
      expectOneSentence(
        try CommandRun(script: "\"$VNET\" \(arguments) >&-", in: folder), "Bad file descriptor")
    }
  }

  @Test(arguments: ["> /dev/full", ">&-", ">&- 2>&- <&-"])
  func trainingGoesOnWithoutItsOutput(_ redirection: String) throws {
    try withFolder { folder in
      let script = "\(Self.phantom)\(Self.train) --epochs 2 --evaluate --predict \(redirection)"
      let run = try CommandRun(script: script, in: folder)
      #expect(run.status == 74, "\(run.errors)")
      #expect(try epochs(folder) == 2)
      #expect(FileManager.default.fileExists(atPath: folder + "/model/report.html"))
      let evaluated = try CommandRun(
        script:
          "\"$VNET\" evaluate --data-dir data --model-dir model --json - > /dev/full", in: folder)
      expectOneSentence(evaluated, "No space left")
      #expect(FileManager.default.fileExists(atPath: folder + "/model/evaluation.json"))
    }
  }

  /// As with other programs in a pipe, nothing is said; but the model counts more than its reader.
  @Test func anOutputThatNobodyReadsEndsQuietly() throws {
    try withFolder { folder in
      let graph = try CommandRun(
        script: "\"$VNET\" inspect --preset hippocampus --graph | head -n 1", in: folder)
      #expect(graph.status == 0 && graph.errors.isEmpty, "\(graph.errors)")
      #expect(graph.output.split(separator: "\n").count == 1)
      let trained = try CommandRun(
        script:
          "\(Self.phantom)( \(Self.train) --exact-convolution --epochs 3; echo $? > status ) | head -n 1",
        in: folder)
      #expect(trained.errors.isEmpty, "\(trained.errors)")
      #expect(try String(contentsOfFile: folder + "/status", encoding: .utf8) == "0\n")
      #expect(try epochs(folder) == 3)
    }
  }

  @Test func aFullStandardErrorIsNoTrap() throws {
    try withFolder { folder in
      let inspected = try CommandRun(script: "\"$VNET\" inspect nothing 2> /dev/full", in: folder)
      let trained = try CommandRun(script: "\"$VNET\" train 2> /dev/full", in: folder)
      #expect(inspected.status == 1 && trained.status == 64)
    }
  }

  // MARK: Names

  /// Sets names of the phantom: those that would clear a screen, rename a window, forge lines, turn text, or be formulas.
  private func rename(_ data: String) throws {
    let path = URL(fileURLWithPath: data + "/dataset.json")
    var object = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: path)) as? [String: Any])
    object["name"] = "Phantom\u{1B}]0;owned\u{07}\nerror: forged"
    object["labels"] = ["0": "background", "1": "=1+1\u{9B}2J", "2": "@\u{202E}\r\u{7F}tail"]
    object["modality"] = ["0": "MR\u{1B}[2J"]
    try JSONSerialization.data(withJSONObject: object).write(to: path)
  }

  private func expectPrintable(_ text: String, at location: SourceLocation = #_sourceLocation) {
    let isHarmless = text.unicodeScalars.allSatisfy { !$0.isUnprintable || $0 == "\n" }
    #expect(isHarmless, "\(text.debugDescription)", sourceLocation: location)
    #expect(!text.contains("\nerror: forged"), sourceLocation: location)
  }

  @Test func namesFromFilesAreShownEscaped() throws {
    try withFolder { folder in
      #expect(try CommandRun(script: Self.phantom + "true", in: folder).status == 0)
      try rename(folder + "/data")
      for arguments in [
        "verify --data-dir data", "inspect data",
        "train --data-dir data --model-dir model --filters 4 --input-shape 16 16 16 --epochs 1 --evaluate",
        "inspect model", "evaluate --data-dir data --model-dir model",
        "evaluate --data-dir data --model-dir model --json -",
        "predict --model-dir model --input data/imagesTs --output masks --keep-largest none",
      ] {
        let run = try CommandRun(script: "\"$VNET\" \(arguments)", in: folder)
        #expect(run.status == 0, "\(run.errors)")
        expectPrintable(run.output)
        expectPrintable(run.errors)
      }
      for file in ["log.jsonl", "evaluation.json"] {
        expectPrintable(try String(contentsOfFile: "\(folder)/model/\(file)", encoding: .utf8))
      }
      let table = try String(contentsOfFile: folder + "/model/cases.csv", encoding: .utf8)
      expectPrintable(table.replacingOccurrences(of: "\r\n", with: "\n"))
      #expect(
        table.contains(",'=1+1\\u009b2J,") && table.contains(",'@\\u202e\\u000d\\u007ftail,"), "\(table)")
      let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/model/evaluation.json"))
      let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
      #expect((object?["mean"] as? [String: Any])?["=1+1\u{9B}2J"] != nil)
    }
  }

  @Test func errorsStayOneSentence() throws {
    try withFolder { folder in
      let run = try CommandRun(
        script:
          "\"$VNET\" inspect \"$NAME\"", in: folder, environment: ["NAME": "a\u{1B}[2J\nb"])
      #expect(run.status == 1 && run.errors.hasPrefix("Error: a\\u001b[2J\\u000ab: "), "\(run.errors)")
      #expect(run.errors.split(separator: "\n").count == 1)
    }
  }

  // MARK: Folders

  /// As the XDG specification has it.
  @Test(arguments: ["", "relative"])
  func aCacheFolderThatIsNoAbsolutePathIsIgnored(_ cache: String) throws {
    try withFolder { folder in
      try FileManager.default.createDirectory(atPath: folder + "/work", withIntermediateDirectories: true)
      let hadRootFolder = FileManager.default.fileExists(atPath: "/vnet")
      let run = try CommandRun(
        script:
          "\"$VNET\" benchmark --mode predict --batch-size 1 --steps 1 --warmup-steps 0 --device cpu "
          + "--filters 4 --input-shape 16 16 16", in: folder + "/work",
        environment: ["XDG_CACHE_HOME": cache, "HOME": folder + "/home"])
      #expect(run.status == 0, "\(run.errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/work") == [])
      #expect(FileManager.default.fileExists(atPath: "/vnet") == hadRootFolder)
    }
  }

  /// A library in the working folder is nobody's plugin.
  @Test func pluginsOfTheWorkingFolderAreNotOpened() throws {
    try withFolder { folder in
      let plugin = "/.plugins/libtpu/libtpu.so"
      try FileManager.default.createDirectory(
        atPath: folder + "/.plugins/libtpu", withIntermediateDirectories: true)
      try Data("no library".utf8).write(to: URL(fileURLWithPath: folder + plugin))
      let run = try CommandRun(script: "\"$VNET\" devices --threads 1", in: folder)
      #expect(run.status == 0 && !run.output.contains(folder), "\(run.output)")
      #expect(run.output.contains("tpu       no plugin"), "\(run.output)")
    }
  }
}
