import Foundation
import MedicalImaging
import SeededRandom
import Testing

@Suite struct DatasetTests {
  private static let json = """
    {
      "name": "Brains", "modality": {"1": "T2", "0": "T1"},
      "labels": {"0": "background", "2": "tumour", "1": "brain"}, "numTraining": 2,
      "training": [
        {"image": "./imagesTr/a.nii.gz", "label": "./labelsTr/a.nii.gz"},
        {"image": "imagesTr/b.x.nii", "label": "labelsTr/../labelsTr/b.x.nii"},
        {"image": "./imagesTr/._a.nii.gz", "label": "./labelsTr/._a.nii.gz"},
        {"image": "./imagesTr/_c.nii.gz", "label": "./labelsTr/_c.nii.gz"}
      ],
      "test": ["./imagesTs/t.nii.gz", {"image": "imagesTs/u.nii.gz"}, "./imagesTs/.t.nii.gz"]
    }
    """

  private func read(_ json: String) throws -> Dataset {
    let folder = try TemporaryFolder()
    try folder.write(json.utf8, to: "dataset.json")
    return try Dataset(folder: folder.path)
  }

  /// Reads the description with one piece of text replaced and returns the error.
  private func error(replacing old: String, with new: String) throws -> DatasetError? {
    let changed = Self.json.replacingOccurrences(of: old, with: new)
    #expect(changed != Self.json, "\(old)")
    do {
      _ = try read(changed)
      return nil
    } catch let error as DatasetError {
      #expect(isOneSentence("\(error)"), "\(error)")
      return error
    }
  }

  @Test func readsTheDecathlonsForm() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.json.utf8, to: "dataset.json")
    let dataset = try Dataset(folder: folder.path)
    #expect(dataset.name == "Brains")
    #expect(dataset.labels == LabelScheme(names: [0: "background", 1: "brain", 2: "tumour"]))
    #expect(dataset.classNames == ["background", "brain", "tumour"])
    #expect(dataset.channelNames == ["T1", "T2"])
    #expect(
      dataset.training == [
        Case(imagePath: folder.file("imagesTr/a.nii.gz"), labelPath: folder.file("labelsTr/a.nii.gz")),
        Case(imagePath: folder.file("imagesTr/b.x.nii"), labelPath: folder.file("labelsTr/b.x.nii")),
        Case(imagePath: folder.file("imagesTr/_c.nii.gz"), labelPath: folder.file("labelsTr/_c.nii.gz")),
      ])
    #expect(dataset.training.map(\.name) == ["a", "b.x", "_c"])
    #expect(dataset.layout == .decathlon && dataset.namesClasses)
    #expect(
      dataset.summary
        == "MSD form: 3 cases with masks, 2 without; 2 channels (T1, T2); 2 names that start with \".\" left out"
    )
    #expect(
      dataset.test.map(\.imagePath) == [folder.file("imagesTs/t.nii.gz"), folder.file("imagesTs/u.nii.gz")])
    #expect(dataset.test.allSatisfy { $0.labelPath == nil })
    #expect(dataset.declaredTrainingCount == 2 && dataset.skippedCount == 2)
    #expect(try Dataset(folder: folder.path + "/").training == dataset.training)
  }

  @Test func bothDirectionsOfLabelsAndChannelNames() throws {
    let changed = Self.json
      .replacingOccurrences(
        of: #"{"0": "background", "2": "tumour", "1": "brain"}"#,
        with: #"{"background": 0, "tumour": 2, "brain": "1"}"#
      )
      .replacingOccurrences(of: #""modality""#, with: #""channel_names""#)
    let dataset = try read(changed)
    #expect(dataset.classNames == ["background", "brain", "tumour"])
    #expect(dataset.channelNames == ["T1", "T2"])
  }

  @Test func testMayBeAbsentOrEmpty() throws {
    for key in [#""test": null, "x""#, #""test": [], "x""#, #""x""#] {
      let changed = Self.json.replacingOccurrences(of: #""test""#, with: key)
      #expect(try read(changed).test.isEmpty)
    }
  }

  @Test func missingFilesAndFolders() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("dataset.json")
    #expect(throws: DatasetError.folder(path: folder.path, .unknownLayout)) {
      try Dataset(folder: folder.path)
    }
    #expect(throws: DatasetError.folder(path: folder.file("none"), .missing)) {
      try Dataset(folder: folder.file("none"))
    }
    let file = try folder.write("x".utf8, to: "scan.nii")
    #expect(throws: DatasetError.folder(path: file, .isFile)) { try Dataset(folder: file) }
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    #expect(throws: DatasetError.cannotRead(path: path, reason: "it is not a file")) {
      try Dataset(folder: folder.path)
    }
  }

  @Test(arguments: ["name", "modality", "labels", "training", "test"])
  func valuesOfAnotherType(_ key: String) throws {
    for value in [
      "7", "true", "\"text\"", "[1]", "{\"a\": [0]}", "{\"0\": 3}", "{\"a\": 1.5}", "{\"0\": null}", "{}",
    ] {
      let error = try error(replacing: "\"\(key)\":", with: "\"\(key)\": \(value), \"other\":")
      #expect((error == nil) == (key == "name"), "\(key): \(value)")
    }
  }

  @Test(arguments: ["modality", "labels", "training"])
  func missingKeys(_ key: String) throws {
    guard case .missingKey(_, key) = try error(replacing: "\"\(key)\"", with: "\"other\"") else {
      Issue.record("\(key)")
      return
    }
  }

  @Test func numbersOfClassesAndChannels() throws {
    guard
      case .notConsecutive(_, "modality", [1, 2]) = try error(replacing: #""0": "T1""#, with: #""2": "T1""#)
    else {
      Issue.record("channels from 1")
      return
    }
    for number in ["-1", "256", "9999999999999999999999"] {
      guard
        case .invalidValue(_, "labels", _) = try error(
          replacing: #""2": "tumour""#, with: "\"\(number)\": \"x\"")
      else {
        Issue.record("label \(number)")
        return
      }
    }
    guard case .noForeground = try error(replacing: #", "2": "tumour", "1": "brain""#, with: "") else {
      Issue.record("only background")
      return
    }
    guard case .noTrainingCases = try error(replacing: #""training":"#, with: #""training": [], "x":"#) else {
      Issue.record("no cases")
      return
    }
  }

  @Test(arguments: [
    "../a.nii", "/etc/a.nii", "imagesTr/../../a.nii", "a/../../b/a.nii", ".", "a\\u0000.nii",
    #"..\\..\\a.nii"#,
  ])
  func pathsStayInTheFolder(_ entry: String) throws {
    for place in ["./imagesTr/a.nii.gz", "./labelsTr/a.nii.gz", "./imagesTs/t.nii.gz"] {
      guard case .entry(_, .leadsOutside) = try error(replacing: place, with: entry) else {
        Issue.record("\(place) -> \(entry)")
        return
      }
    }
  }

  @Test func entriesWithoutImageOrLabel() throws {
    for (old, new) in [
      (#""label": "./labelsTr/a.nii.gz""#, #""x": 1"#), (#""image": "./imagesTr/a"#, #""x": "./imagesTr/a"#),
    ] {
      guard case .invalidValue(_, "training", _) = try error(replacing: old, with: new) else {
        Issue.record("\(old)")
        return
      }
    }
    guard
      case .invalidValue(_, "test", _) = try error(
        replacing: #"{"image": "imagesTs/u"#, with: #"{"x": "imagesTs/u"#)
    else {
      Issue.record("test")
      return
    }
  }

  @Test(arguments: ["", "[]", "7", "null", "{", "{\"a\": }", "\u{FEFF}", "{\"name\": \"\\ud800\"}"])
  func whatIsNoObject(_ text: String) throws {
    #expect(throws: DatasetError.self) { try read(text) }
  }

  @Test func deepNestingIsRefused() throws {
    let depth = 200_000
    #expect(throws: DatasetError.self) {
      try read(
        "{\"name\": " + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}")
    }
  }

  /// Seeded damage: the reader takes it or refuses it with a sentence; it does not crash.
  @Test func survivesMutations() throws {
    var random = SplitMix64(seed: 99)
    let folder = try TemporaryFolder()
    let original = Array(Self.json.utf8)
    let pieces = ["{", "}", "[", "]", "\"", ",", ":", "null", "1e999", "-", "\\", "\0", "../", "true"].map {
      Array($0.utf8)
    }
    var refused = 0
    for _ in 0..<1000 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: place)
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...20, using: &random)))
        default: bytes.replaceSubrange(place..<place + 1, with: pieces.randomElement(using: &random) ?? [])
        }
      }
      try folder.write(bytes, to: "dataset.json")
      if case .failure(let error) = Result(catching: { () throws(DatasetError) in
        try Dataset(folder: folder.path)
      }) {
        #expect(isOneSentence("\(error)"), "\(error)")
        refused += 1
      }
    }
    #expect(refused > 500)
  }
}

@Suite struct CaseTests {
  @Test(arguments: [
    ("/a/b/c.nii.gz", "c"), ("c.nii", "c"), ("c.d.nii.gz", "c.d"), ("c.gz", "c.gz"), (".nii", ".nii"),
    ("c", "c"),
  ])
  func nameIsTheFilesWithoutItsEnding(_ path: String, _ name: String) {
    #expect(Case(imagePath: path).name == name)
    #expect(Case(imagePath: path).maskFileName == path.split(separator: "/").last.map(String.init))
  }
}
