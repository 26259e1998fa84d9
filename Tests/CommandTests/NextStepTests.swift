import Foundation
import Testing

/// What commands say to type next, and what bad input gets as its remedy.
@Suite(.serialized) struct NextStepTests {
  private let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  /// Folders of scans and of masks, the first with a blank in its path.
  private func pair() throws -> (images: String, labels: String) {
    let data = try sandbox.phantom()
    let images = sandbox.path + "/my scans"
    try FileManager.default.copyItem(atPath: data + "/imagesTr", toPath: images)
    return (images, data + "/labelsTr")
  }

  @Test func theNextCommandReadsTheSameData() throws {
    let (images, labels) = try pair()
    let words = ["--images", images, "--labels", labels, "--classes", "background,a,b", "--nan-as", "0"]
    let data = "--images '\(images)' --labels \(labels) --classes background,a,b --nan-as 0"
    let verified = try sandbox.vnet(["verify", "--geometry", "scan"] + words)
    #expect(
      verified.output.contains("next: vnet train --geometry scan \(data) --model-dir model"),
      "\(verified.output)")
    let inspected = try sandbox.vnet(["inspect"] + words.dropLast(2))
    #expect(inspected.output.contains("next: vnet verify --images '\(images)'"), "\(inspected.output)")
    let model = sandbox.path + "/m"
    let trained = try sandbox.vnet(
      ["train", "--model-dir", model, "--epochs", "1", "--filters", "4", "--input-shape", "16", "16", "16"]
        + words)
    #expect(trained.status == 0, "\(trained.errors)")
    #expect(trained.output.contains("next: vnet evaluate --images '\(images)'"), "\(trained.output)")

    // Where no scan could be predicted nothing comes next.
    let bad = sandbox.path + "/bad"
    try FileManager.default.createDirectory(atPath: bad, withIntermediateDirectories: true)
    try Data().write(to: URL(fileURLWithPath: bad + "/empty.nii.gz"))
    let failed = try sandbox.vnet(
      "predict", "--model-dir", model, "--input", bad, "--output", sandbox.path + "/o")
    expectRefusal(failed, "empty.nii.gz: is empty; copy or export")
    #expect(!failed.output.contains("next:"), "\(failed.output)")
    expectRefusal(
      try sandbox.vnet("predict", "--model-dir", model, "--input", images, "--output", images), "over a scan",
      "another --output")
    expectRefusal(
      try sandbox.vnet(
        "predict", "--model-dir", model, "--input", images, "--output", sandbox.path + "/x.png"),
      "not written as *.png")
    #expect(!FileManager.default.fileExists(atPath: sandbox.path + "/x.png"))
    // Going on with other classes is no evaluation.
    let resumed = try sandbox.vnet(
      "train", "--resume", "--model-dir", model, "--epochs", "2", "--images", images, "--labels", labels,
      "--classes",
      "background,a,c")
    expectRefusal(resumed, "background, a, c", "give a data set with the same classes")
    #expect(!resumed.errors.contains("evaluate"), "\(resumed.errors)")
  }

  @Test func theFirstClassIsTheBackground() throws {
    let (images, labels) = try pair()
    let words = ["verify", "--images", images, "--labels", labels, "--classes"]
    let run = try sandbox.vnet(words + ["a,b"])
    #expect(run.output.contains("--classes background,a,b"), "\(run.output)")
    #expect(run.output.contains("--classes wants a name for each value from 0 on"), "\(run.output)")
    #expect(try !sandbox.vnet(words + ["bg,a,b"]).output.contains("--classes background"))
  }

  @Test func aFolderWithoutItsDescriptionIsReadAsItIs() throws {
    let data = try sandbox.phantom()
    let name = try sandbox.files(data + "/imagesTr")[0]
    let folder = sandbox.path + "/raw"
    for (from, to) in [("imagesTr", name.replacing(".nii.gz", with: "_0000.nii.gz")), ("labelsTr", name)] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(from)", withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: "\(data)/\(from)/\(name)", toPath: "\(folder)/\(from)/\(to)")
    }
    let refused = try sandbox.vnet("verify", "--data-dir", folder)
    let remedy = "--images \(folder)/imagesTr --labels \(folder)/labelsTr --channels 0000"
    expectRefusal(refused, remedy)
    #expect(try sandbox.vnet(["verify"] + remedy.split(separator: " ").map(String.init)).status == 0)
    // Another ending than the description says.
    let description =
      #"{"channel_names": {"0": "MR"}, "labels": {"background": 0, "a": 1, "b": 2}, "file_ending": ".nrrd"}"#
    try Data(description.utf8).write(to: URL(fileURLWithPath: folder + "/dataset.json"))
    expectRefusal(
      try sandbox.vnet("verify", "--data-dir", folder), "imagesTr: has no file of the form CASE_0000.nrrd",
      "file_ending", name.replacing(".nii.gz", with: ""))
  }

  @Test func whatIsNotThereIsNotUnreadable() throws {
    let (images, labels) = try pair()
    let nowhere = sandbox.path + "/nowhere"
    for words in [
      ["verify", "--images", images, "--labels", nowhere],
      ["verify", "--images", nowhere, "--labels", labels],
      ["verify", "--data-list", nowhere + ".csv"], ["score", "--truth", labels, "--masks", nowhere],
      ["score", "--truth", nowhere, "--masks", labels],
      ["score", "--truth", labels, "--masks", labels, "--labels", nowhere + ".json"],
      [
        "train", "--images", images, "--labels", labels, "--model-dir", nowhere, "--splits",
        nowhere + ".json",
      ],
      ["predict", "--model-dir", nowhere, "--input", images, "--output", nowhere],
      ["inspect", nowhere + ".nii.gz"],
    ] {
      let run = try sandbox.vnet(words)
      expectRefusal(run, nowhere, "there is no")
      #expect(!run.errors.contains("permissions"), "\(run.errors)")
    }
  }

  @Test func volumesInTimeAreNotTakenForChannelsUnsaid() throws {
    let (_, labels) = try pair()
    let series = sandbox.path + "/series"
    try FileManager.default.createDirectory(atPath: series, withIntermediateDirectories: true)
    let several = try sandbox.phantom("several", "--channels", "5")
    for name in try sandbox.files(several + "/imagesTr") {
      try FileManager.default.copyItem(atPath: "\(several)/imagesTr/\(name)", toPath: "\(series)/\(name)")
    }
    let run = try sandbox.vnet("verify", "--images", series, "--labels", labels, "--geometry", "scan")
    #expect(run.output.contains("5 channels (channel 1, channel 2, channel 3 and 2 more)"), "\(run.output)")
    #expect(run.output.contains("volumes in time"), "\(run.output)")
  }

  @Test func masksBesideScansAreNotPredicted() throws {
    let data = try sandbox.phantom()
    let (model, trained) = try sandbox.train(data)
    #expect(trained.status == 0, "\(trained.errors)")
    let name = try sandbox.files(data + "/imagesTr")[0]
    let cases = sandbox.path + "/cases"
    try FileManager.default.createDirectory(atPath: cases + "/one", withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: "\(data)/imagesTr/\(name)", toPath: cases + "/one/t1.nii.gz")
    try FileManager.default.copyItem(atPath: "\(data)/labelsTr/\(name)", toPath: cases + "/one/seg.nii.gz")
    let run = try sandbox.vnet(
      "predict", "--model-dir", model, "--input", cases, "--output", sandbox.path + "/masks")
    #expect(run.status == 0 && run.output.contains("1 file named as masks left out"), "\(run.output)")
    #expect(try sandbox.files(sandbox.path + "/masks/one") == ["t1.nii.gz"])
  }

  @Test func aDamagedScanIsNotDescribed() throws {
    let data = try sandbox.phantom()
    let scan = data + "/imagesTr/" + (try sandbox.files(data + "/imagesTr"))[0]
    let bytes = try Data(contentsOf: URL(fileURLWithPath: scan))
    try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: scan))
    expectRefusal(try sandbox.vnet("inspect", scan), "is truncated")
  }
}
