import Foundation
import MedicalImaging
import Testing

/// Plants one problem in a small sound data set and looks for exactly that finding.
@Suite struct DatasetVerificationTests {
  private let folder: TemporaryFolder
  private static let size = GridSize(6, 5, 4)

  init() throws {
    folder = try TemporaryFolder()
    for part in ["imagesTr", "labelsTr", "imagesTs"] {
      try FileManager.default.createDirectory(atPath: folder.file(part), withIntermediateDirectories: true)
    }
    for name in ["a", "b"] {
      try image("imagesTr/\(name).nii.gz")
      try label("labelsTr/\(name).nii.gz")
    }
    try image("imagesTs/t.nii.gz")
    try describe()
  }

  private func image(
    _ name: String, _ geometry: Geometry = Geometry(spacing: [1, 1, 1]), channels: Int = 1,
    edit: (inout [Float]) -> Void = { _ in }
  ) throws {
    // No two files hold the same.
    let offset = name.utf8.reduce(0) { ($0 * 31 + Int($1)) % 997 }
    var voxels = (0..<Self.size.count * channels).map { Float(offset + $0 % 17) }
    edit(&voxels)
    let volume = Volume(size: Self.size, channelCount: channels, geometry: geometry, voxels: voxels)
    try write(volume, to: folder.file(name))
  }

  private func label(
    _ name: String, _ geometry: Geometry = Geometry(spacing: [1, 1, 1]), size: GridSize = Self.size,
    values: [UInt8] = [0, 1, 2]
  ) throws {
    let labels = LabelVolume(
      size: size, geometry: geometry, labels: (0..<size.count).map { values[$0 % values.count] })
    try write(labels, to: folder.file(name))
  }

  @Test func channelsInFilesOfTheirOwnAreJoined() throws {
    try image("imagesTr/a_1.nii.gz")
    var dataset = try twoChannels(in: ["imagesTr/a.nii.gz", "imagesTr/a_1.nii.gz"])
    #expect(DatasetVerification.problems(in: dataset).isEmpty)
    try image("imagesTr/a_1.nii.gz", Geometry(spacing: [2, 1, 1]))
    dataset = try twoChannels(in: ["imagesTr/a.nii.gz", "imagesTr/a_1.nii.gz"])
    let sentence =
      "\(folder.file("imagesTr/a_1.nii.gz")): does not lie on the grid of the same scan's "
      + "\(folder.file("imagesTr/a.nii.gz")) (spacing 2.0x1.0x1.0 mm, not 1.0x1.0x1.0); "
      + "resample the scan's channels to one grid."
    #expect(
      DatasetVerification.problems(in: dataset)
        == [problem("imagesTr/a.nii.gz", .unreadable(sentence: sentence))])
  }

  /// A data set of one case with two channels.
  private func twoChannels(in files: [String]) throws -> Dataset {
    Dataset(
      name: "two", descriptionPath: folder.path, layout: .decathlon,
      labels: LabelScheme(names: [0: "background", 1: "x", 2: "y"]), channelNames: ["T1", "T2"],
      training: [
        Case(name: "a", imagePaths: files.map(folder.file), labelPath: folder.file("labelsTr/a.nii.gz"))
      ])
  }

  private func describe(numTraining: Int = 2, training: [String] = ["a", "b"], test: String = "t") throws {
    let pairs = training.map { #"{"image": "imagesTr/\#($0).nii.gz", "label": "labelsTr/\#($0).nii.gz"}"# }
    let json = """
      {"name": "n", "modality": {"0": "MRI"}, "labels": {"0": "background", "1": "x", "2": "y"},
       "numTraining": \(numTraining), "training": [\(pairs.joined(separator: ","))],
       "test": ["imagesTs/\(test).nii.gz"]}
      """
    try folder.write(json.utf8, to: "dataset.json")
  }

  private func problems() throws -> [DatasetProblem] {
    let problems = try DatasetVerification.problems(in: Dataset(folder: folder.path))
    for problem in problems {
      #expect(isOneSentence("\(problem)") && "\(problem)".contains(problem.path), "\(problem)")
    }
    return problems
  }

  private func problem(_ name: String, _ finding: DatasetProblem.Finding) -> DatasetProblem {
    DatasetProblem(path: folder.file(name), finding: finding)
  }

  @Test func soundDataSetHasNone() throws {
    #expect(try problems().isEmpty)
  }

  @Test func progressCountsEveryCase() throws {
    var steps: [[Int]] = []
    _ = try DatasetVerification.problems(in: Dataset(folder: folder.path)) { steps.append([$0, $1]) }
    #expect(steps == [[1, 3], [2, 3], [3, 3]])
  }

  @Test func missingFiles() throws {
    for name in ["imagesTr/a.nii.gz", "labelsTr/b.nii.gz", "imagesTs/t.nii.gz"] {
      try FileManager.default.removeItem(atPath: folder.file(name))
    }
    #expect(
      try problems() == [
        problem("imagesTr/a.nii.gz", .missing), problem("labelsTr/b.nii.gz", .missing),
        problem("imagesTs/t.nii.gz", .missing),
      ])
  }

  @Test func truncatedFile() throws {
    let bytes = try content(of: folder.file("imagesTr/b.nii.gz"))
    try folder.write(bytes.dropLast(20), to: "imagesTr/b.nii.gz")
    let found = try problems()
    #expect(found.count == 1 && found[0].severity == .error)
    guard case .unreadable(let sentence) = found[0].finding else {
      Issue.record("\(found)")
      return
    }
    #expect(sentence.contains("truncated"))
  }

  @Test func channelsOtherThanDeclared() throws {
    try image("imagesTr/a.nii.gz", channels: 3)
    #expect(try problems() == [problem("imagesTr/a.nii.gz", .channelCount(found: 3, declared: 1))])
  }

  @Test func nonFiniteVoxels() throws {
    try image("imagesTr/a.nii.gz") {
      $0[3] = .nan
      $0[7] = .infinity
    }
    try image("imagesTs/t.nii.gz") { $0[0] = -.infinity }
    #expect(
      try problems() == [
        problem("imagesTr/a.nii.gz", .nonFinite(voxelCount: 2)),
        problem("imagesTs/t.nii.gz", .nonFinite(voxelCount: 1)),
      ])
  }

  @Test func emptyScan() throws {
    try image("imagesTr/a.nii.gz") { $0 = Array(repeating: 5, count: $0.count) }
    #expect(try problems() == [problem("imagesTr/a.nii.gz", .constant(channel: 0, value: 5))])
  }

  @Test func masksOnAnotherGrid() throws {
    try label("labelsTr/a.nii.gz", size: GridSize(6, 4, 5))
    let found = try problems()
    #expect(found.count == 1 && found.allSatisfy { $0.severity == .error }, "\(found)")
    let sentence = "\(found.first.map { "\($0)" } ?? "")"
    #expect(
      isOneSentence(sentence) && sentence.contains("resample the mask") && !sentence.contains("--geometry"))
    #expect(sentence.contains("imagesTr/a.nii.gz (6x4x5 voxels, not \(Self.size))"), "\(sentence)")
  }

  @Test func masksInAnotherPlace() throws {
    try label("labelsTr/a.nii.gz", Geometry(spacing: [1, 1, 1.5]))
    var moved = Geometry(spacing: [1, 1, 1])
    moved.affine[0][3] = 3
    moved.affine[1][3] = 4
    try label("labelsTr/b.nii.gz", moved)
    let sentences = try problems().map { "\($0)" }
    #expect(sentences.count == 2 && sentences.allSatisfy(isOneSentence), "\(sentences)")
    #expect(sentences.allSatisfy { $0.contains("grid of its scan") && $0.contains("--geometry scan") })
    #expect(
      sentences[0].contains("labelsTr/a.nii.gz") && sentences[0].contains("1.0x1.0x1.5 mm"), "\(sentences)")
    #expect(
      sentences[1].contains("labelsTr/b.nii.gz") && sentences[1].contains("first voxel at"), "\(sentences)")
  }

  @Test func masksTurnedRound() throws {
    let turned = Geometry(spacing: [1, 1, 1], affine: [[0, 1, 0, 0], [-1, 0, 0, 0], [0, 0, 1, 0]])
    try label("labelsTr/a.nii.gz", turned)
    let found = try problems()
    #expect(found.count == 1)
    guard case .gridMismatch(let mismatch) = found.first?.finding else {
      Issue.record("\(found)")
      return
    }
    #expect(abs((mismatch.difference.geometry.angle ?? 0) - 90) < 1e-6)
  }

  @Test func roundingOfTheGeometryIsNoProblem() throws {
    var almost = Geometry(spacing: [1.0005, 1, 1])
    almost.affine[2][3] = 0.005
    try label("labelsTr/a.nii.gz", almost)
    #expect(try problems().isEmpty)
  }

  // MARK: Geometry of many scans

  private func reordered(_ name: String, _ order: String) throws {
    let mask = try Image(contentsOf: folder.file(name)).labelVolume()
    let axisOrder = try #require(AxisOrder.all.first { "\($0)" == order })
    try write(mask.rearranged(by: AxisRearrangement(from: .canonical, to: axisOrder)), to: folder.file(name))
  }

  @Test func masksInAnotherOrderAreNoProblem() throws {
    try reordered("labelsTr/a.nii.gz", "PSR")
    let verification = DatasetVerification(of: try Dataset(folder: folder.path))
    #expect(verification.problems.isEmpty)
    #expect(verification.grids.lines.contains { $0.contains("1 mask is stored in another order") })
  }

  @Test func theScansGeometryCountsWhereItIsAskedFor() throws {
    try label("labelsTr/a.nii.gz", Geometry(spacing: [1, 1, 1.5]))
    let dataset = try Dataset(folder: folder.path).takingGeometryOfScans()
    let found = DatasetVerification.problems(in: dataset)
    #expect(
      found == [
        problem(
          "labelsTr/a.nii.gz",
          .geometryOfScanTaken(difference: "spacing 1.0x1.0x1.5 mm, not 1.0x1.0x1.0"))
      ])
    #expect(found.allSatisfy { $0.severity == .warning && isOneSentence("\($0)") })
    let notes = dataset.training.compactMap(\.maskGeometryNote)
    #expect(notes.count == 1 && isOneSentence(notes[0]))
  }

  @Test func scansFarFromTheOthersAreTold() throws {
    try image("imagesTs/t.nii.gz", Geometry(spacing: [1, 4, 1]))
    #expect(
      try problems() == [
        problem("imagesTs/t.nii.gz", .farSpacing([1, 4, 1], median: [1, 1, 1])),
        problem("imagesTs/t.nii.gz", .farExtent([6, 20, 4], median: [6, 5, 4])),
      ])
    #expect(try problems().allSatisfy { $0.severity == .warning })
    try image("imagesTs/t.nii.gz", Geometry(spacing: [1, 2.9, 0.4]))
    #expect(try problems().isEmpty)
  }

  /// A wrong unit, and numbers that no unit explains.
  @Test(arguments: [1000, 1e30, 1e-9])
  func spacingsThatCannotBe(_ factor: Double) throws {
    let absurd = Geometry(spacing: [factor, factor, factor])
    try image("imagesTs/t.nii.gz", absurd)
    let found = try problems()
    #expect(found.count == 1 && found[0].severity == .error && "\(found)".contains("spacing"), "\(found)")
  }

  @Test func labelsThatAreNotDeclared() throws {
    try label("labelsTr/a.nii.gz", values: [0, 1, 2, 4, 7])
    #expect(try problems() == [problem("labelsTr/a.nii.gz", .undeclaredLabels([4, 7]))])
  }

  @Test func labelsThatAreNoWholeNumbers() throws {
    try image("labelsTr/a.nii.gz") { $0 = $0.map { $0 > 8 ? 1.5 : 0 } }
    let found = try problems()
    #expect(found.count == 1)
    guard case .unreadable(let sentence) = found.first?.finding else {
      Issue.record("\(found)")
      return
    }
    #expect(sentence.contains("1.5"))
  }

  @Test func masksWithoutForegroundAndAbsentClasses() throws {
    try label("labelsTr/a.nii.gz", values: [0])
    try label("labelsTr/b.nii.gz", values: [0, 1])
    let found = try problems()
    #expect(
      found == [
        problem("labelsTr/a.nii.gz", .noForeground),
        problem("dataset.json", .absentClass(values: [2], name: "y")),
      ])
    #expect(found.allSatisfy { $0.severity == .warning })
  }

  @Test func duplicatesAndCounts() throws {
    try describe(numTraining: 5, training: ["a", "b", "a"], test: "../imagesTr/a")
    let found = try problems()
    #expect(
      found == [
        problem("dataset.json", .trainingCount(declared: 5, listed: 3)),
        problem("imagesTr/a.nii.gz", .duplicate(name: "a")),
        problem("imagesTr/a.nii.gz", .testInTraining(name: "a")),
      ])
    #expect(found.map(\.severity) == [.warning, .error, .warning])
  }

  /// A scan of the test that has a training scan's name is another scan.
  @Test func equalNamesOfTrainingAndTest() throws {
    try image("imagesTs/a.nii.gz")
    try describe(test: "a")
    #expect(try problems().isEmpty)
  }

  /// A copy is found whatever it is called and however it is compressed.
  @Test func copiesOfScans() throws {
    let bytes = try content(of: folder.file("imagesTr/a.nii.gz"))
    try folder.write(bytes, to: "imagesTr/c.nii.gz")
    try label("labelsTr/c.nii.gz")
    try write(
      try Image(contentsOf: folder.file("imagesTr/b.nii.gz")).volume(), to: folder.file("imagesTs/u.nii"))
    try folder.write(try content(of: folder.file("imagesTs/u.nii")), to: "imagesTs/u.nii.gz")
    try describe(numTraining: 3, training: ["a", "b", "c"], test: "u")
    let found = try problems()
    #expect(
      found == [
        problem(
          "imagesTr/c.nii.gz", .list(.sameContent(as: folder.file("imagesTr/a.nii.gz"), leaks: false))),
        problem(
          "imagesTs/u.nii.gz", .list(.sameContent(as: folder.file("imagesTr/b.nii.gz"), leaks: true))),
      ])
    #expect(found.allSatisfy { $0.severity == .warning })
  }

  @Test func maskOfTwoScans() throws {
    let json = try String(contentsOfFile: folder.file("dataset.json"), encoding: .utf8)
    try folder.write(json.replacing("labelsTr/b", with: "labelsTr/a").utf8, to: "dataset.json")
    let found = try problems()
    let scans = ["a", "b"].map { folder.file("imagesTr/\($0).nii.gz") }
    #expect(found == [problem("labelsTr/a.nii.gz", .list(.sharedMask(images: scans)))])
    #expect(found.first?.severity == .error)
  }

  @Test func headersThatContradictTheirVoxels() throws {
    let header = NIfTIHeader(dataType: .uint8, size: Self.size, geometry: Geometry(spacing: [1, 1, 1]))
    var bytes = header.bytes + [0, 0, 0, 0] + (0..<Self.size.count).map { UInt8($0 % 3) }
    bytes[72] = 16
    try folder.write(bytes + [0], to: "labelsTr/a.nii.gz")
    #expect(
      try problems() == [
        problem("labelsTr/a.nii.gz", .remark(.trailingData)),
        problem("labelsTr/a.nii.gz", .remark(.bitsPerVoxelMismatch(bits: 16, voxelType: .uint8))),
      ])
  }

  @Test func everythingIsListedAtOnce() throws {
    try image("imagesTr/a.nii.gz", channels: 2) { $0[0] = .nan }
    try label("labelsTr/a.nii.gz", Geometry(spacing: [2, 1, 1]), values: [0, 9])
    try FileManager.default.removeItem(atPath: folder.file("labelsTr/b.nii.gz"))
    try folder.write([1, 2, 3], to: "imagesTs/t.nii.gz")
    #expect(try problems().count == 6)
  }
}

/// The 234 labelled cases of the Decathlon's task 4, where they are at hand.
@Suite struct RealDatasetTests {
  /// Beside the package: six levels above this file.
  static let folder =
    URL(fileURLWithPath: #filePath + "/../../../../../../shared/data/Task04_Hippocampus").standardized.path
  static let isPresent = FileManager.default.fileExists(atPath: folder + "/dataset.json")

  @Test(.enabled(if: isPresent, "the Task04_Hippocampus data are not at ../shared/data"))
  func hippocampusHasNoProblem() throws {
    let dataset = try Dataset(folder: Self.folder)
    #expect(dataset.training.count == 234 && dataset.test.count == 1)
    #expect(dataset.classNames == ["background", "Anterior", "Posterior"])
    #expect(DatasetVerification.problems(in: dataset).isEmpty)
  }

  @Test(.enabled(if: isPresent, "the Task04_Hippocampus data are not at ../shared/data"))
  func masksComeBackAsTheyWere() throws {
    let scratch = try TemporaryFolder()
    for entry in try Dataset(folder: Self.folder).training.prefix(10) {
      let source = try Image(contentsOf: try #require(entry.labelPath))
      let path = scratch.file(entry.maskFileName)
      let scan = try ImageHeader(contentsOf: entry.imagePath)
      for file in try scan.format.files(of: source.labelVolume(), like: scan, at: path) { try file.write() }
      let copy = try Image(contentsOf: path)
      #expect(try copy.labelVolume() == source.labelVolume())
      #expect(copy.header.details.last == source.header.details.last)
    }
  }
}
