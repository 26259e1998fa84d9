import CZlib
import Foundation
import MedicalImaging
import SyntheticDICOM
import Testing

/// What a header or a name tells of a person reaches nothing that is written.
@Suite(.serialized) struct PrivacyTests {
  private static let marker = "ZZPATIENTZZ"
  private let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  // MARK: What is written

  /// The bytes of every file below a folder, inflated where they are compressed, and its path.
  private func everything(in folder: String) throws -> [(path: String, contents: [UInt8])] {
    let names = try #require(FileManager.default.enumerator(atPath: folder)).compactMap { $0 as? String }
    return names.compactMap { name in
      let path = "\(folder)/\(name)"
      guard let data = FileManager.default.contents(atPath: path) else { return nil }
      return (name, name.hasSuffix(".gz") ? inflated([UInt8](data)) : [UInt8](data))
    }
  }

  private func inflated(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    var result = [UInt8](repeating: 0, count: 1 << 22)
    var bytes = bytes
    bytes.withUnsafeMutableBufferPointer { source in
      result.withUnsafeMutableBufferPointer { target in
        stream.next_in = source.baseAddress
        stream.avail_in = UInt32(source.count)
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(target.count)
        inflateInit2_(&stream, 15 + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        _ = inflate(&stream, Z_FINISH)
        inflateEnd(&stream)
      }
    }
    return Array(result.prefix(Int(stream.total_out)))
  }

  private func expectNothing(of words: [String], in folder: String, _ runs: [CommandRun] = []) throws {
    for (path, contents) in try everything(in: folder) {
      for word in words {
        #expect(Data(contents).range(of: Data(word.utf8)) == nil, "\(path) holds \(word)")
        #expect(!path.contains(word), "\(path)")
      }
    }
    for run in runs {
      for word in words { #expect(!(run.output + run.errors).contains(word), "\(run.output) \(run.errors)") }
    }
  }

  // MARK: Headers

  /// Writes the marker wherever a NIfTI-1 file has room for text: data_type, db_name, descrip, aux_file, intent_name and an
  /// extension.
  private func marked(nifti path: String) throws {
    let whole = try #require(FileManager.default.contents(atPath: path))
    var bytes = inflated([UInt8](whole))
    let mark = Array(Self.marker.utf8)
    for offset in [14, 148, 190, 230, 328] { bytes.replaceSubrange(offset..<offset + mark.count, with: mark) }
    bytes.replaceSubrange(4..<14, with: mark.prefix(10))
    bytes.replaceSubrange(348..<352, with: [1, 0, 0, 0])
    let text = mark + [UInt8](repeating: 0, count: 24 - mark.count)
    bytes.replaceSubrange(352..<352, with: [32, 0, 0, 0, 6, 0, 0, 0] + text)
    withUnsafeBytes(of: Float(384)) { bytes.replaceSubrange(108..<112, with: $0) }
    try FileManager.default.removeItem(atPath: path)
    try Data(bytes).write(to: URL(fileURLWithPath: String(path.dropLast(3))))
  }

  /// Puts lines with the marker behind a header's first.
  private func marked(text path: String, lines: [String]) throws {
    var data = try #require(FileManager.default.contents(atPath: path))
    let end = try #require(data.firstIndex(of: UInt8(ascii: "\n")))
    data.insert(contentsOf: Data(lines.map { $0 + "\n" }.joined().utf8), at: end + 1)
    try data.write(to: URL(fileURLWithPath: path))
  }

  @Test func nothingOfAHeaderButGeometryIsWritten() throws {
    let data = try sandbox.phantom()
    for folder in ["imagesTr", "labelsTr", "imagesTs"] {
      for name in try sandbox.files("\(data)/\(folder)") { try marked(nifti: "\(data)/\(folder)/\(name)") }
    }
    let description = data + "/dataset.json"
    let text = try sandbox.text(description).replacingOccurrences(of: ".nii.gz", with: ".nii")
    try Data(text.utf8).write(to: URL(fileURLWithPath: description))
    let scans = sandbox.path + "/scans"
    try FileManager.default.createDirectory(atPath: scans, withIntermediateDirectories: true)
    let first = try Image(contentsOf: "\(data)/imagesTr/" + (try sandbox.files(data + "/imagesTr"))[0])
    for (name, lines) in [
      ("b.mha", ["Comment = \(Self.marker)", "PatientName = \(Self.marker)"]),
      ("c.nrrd", ["# \(Self.marker)", "content: \(Self.marker)", "patient:=\(Self.marker)"]),
    ] {
      let path = "\(scans)/\(name)"
      for file in try ImageFormat(ofName: path).files(of: first.volume(), like: first.header, at: path) {
        try file.write()
      }
      try marked(text: path, lines: lines)
    }
    for name in try sandbox.files(data + "/imagesTr") {
      try FileManager.default.copyItem(atPath: "\(data)/imagesTr/\(name)", toPath: "\(scans)/\(name)")
    }
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: scans + "/b.mha")).range(of: Data(Self.marker.utf8)) != nil)

    let (model, trained) = try sandbox.train(data, "--evaluate")
    #expect(trained.status == 0, "\(trained.errors)")
    var runs = [trained]
    for format in ["", ".nii", ".mha", ".nrrd"] {
      let more = format.isEmpty ? [] : ["--format", format]
      let masks = model + "/masks" + format.dropFirst()
      runs.append(
        try sandbox.vnet(
          ["predict", "--model-dir", model, "--input", scans, "--output", masks, "--probabilities"] + more))
    }
    runs.append(try sandbox.vnet("evaluate", "--data-dir", data, "--model-dir", model))
    runs.append(try sandbox.vnet("verify", "--data-dir", data))
    runs.append(try sandbox.vnet("inspect", scans + "/c.nrrd"))
    for run in runs { #expect(run.status == 0, "\(run.errors)") }
    try expectNothing(of: [Self.marker], in: model, runs)
  }

  /// The patient, the institution, the study and every comment; a series is known by its number and description alone.
  @Test(.enabled(if: hasConverter, "dcm2niix is neither in .deps nor on the PATH: run 'make setup'"))
  func nothingOfADICOMHeaderButGeometryIsWritten() throws {
    let (model, trained) = try sandbox.train(try sandbox.phantom())
    #expect(trained.status == 0, "\(trained.errors)")
    let study = sandbox.path + "/study"
    try SyntheticSeries(person: Self.marker).write(to: study + "/a")
    // dcm2niix makes nothing of it: what is said then names nobody either.
    try SyntheticSeries(uid: "1.2.4", number: 9, description: "broken", person: Self.marker, sliceCount: 1)
      .write(to: study + "/b")
    let broken = URL(fileURLWithPath: study + "/b/0")
    let slice = try Data(contentsOf: broken)
    #expect(slice.range(of: Data(Self.marker.utf8)) != nil)
    try slice.dropLast(500).write(to: broken)

    var runs = [try sandbox.vnet("inspect", study)]
    for format in ImageFormat.allCases {
      let masks = "\(model)/masks\(format)"
      runs.append(
        try sandbox.vnet(
          "predict", "--model-dir", model, "--input", study, "--output", masks, "--probabilities", "--format",
          format.standardSuffix))
      #expect(try sandbox.files(masks).contains { $0.hasPrefix("3_T1_axial") })
    }
    try expectNothing(of: [Self.marker], in: model, runs)
  }

  private static let hasConverter = ExternalProgram(named: "dcm2niix", program: #filePath) != nil

  // MARK: Names

  @Test func anAnonymousModelNamesNoCase() throws {
    let data = try sandbox.phantom(Self.marker)
    let names = try sandbox.files(data + "/imagesTr").map { String($0.dropLast(".nii.gz".count)) }
    let (model, trained) = try sandbox.train(data, "--anonymous", "--evaluate")
    #expect(trained.status == 0, "\(trained.errors)")
    let evaluated = try sandbox.vnet("evaluate", "--data-dir", data, "--model-dir", model)
    #expect(evaluated.status == 0 && evaluated.output.contains("case-000"), "\(evaluated.errors)")
    try expectNothing(of: names + [data, Self.marker], in: model)
    expectRefusal(
      try sandbox.vnet("train", "--data-dir", data, "--model-dir", model, "--resume", "--epochs", "2"),
      "--anonymous")
    let resumed = try sandbox.vnet(
      "train", "--data-dir", data, "--model-dir", model, "--resume", "--epochs", "2", "--anonymous")
    #expect(resumed.status == 0, "\(resumed.errors)")
  }

  @Test func reportsShowNoPicturesWhereNoneAreWanted() throws {
    let data = try sandbox.phantom()
    let (model, trained) = try sandbox.train(data)
    #expect(trained.status == 0, "\(trained.errors)")
    let evaluate = ["evaluate", "--data-dir", data, "--model-dir", model]
    #expect(try sandbox.vnet(evaluate).status == 0)
    #expect(try sandbox.text(model + "/report.html").contains("data:image/png"))
    #expect(try sandbox.vnet(evaluate + ["--no-pictures"]).status == 0)
    #expect(!(try sandbox.text(model + "/report.html")).contains("data:image"))
    let score = [
      "score", "--truth", data + "/labelsTr", "--masks", data + "/labelsTr", "--output",
      sandbox.path + "/score",
    ]
    #expect(try sandbox.vnet(score + ["--no-pictures"]).status == 0)
    #expect(!(try sandbox.text(sandbox.path + "/score/report.html")).contains("data:image"))
  }
}
