import Foundation
import MedicalImaging
import Testing

/// `vnet predict` of folders in folders, with previews and estimates of quality.
@Suite(.serialized) struct CohortTreeTests {
  private let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  @Test func aTreeOfScansGivesTheSameTreeOfMasks() throws {
    let data = try sandbox.phantom()
    let (model, trained) = try sandbox.train(data)
    #expect(trained.status == 0, "\(trained.errors)")
    let (tree, files) = (sandbox.path + "/tree", FileManager.default)
    let scans = try sandbox.files(data + "/imagesTs")
    for folder in ["a/b", "c"] {
      try files.createDirectory(atPath: "\(tree)/\(folder)", withIntermediateDirectories: true)
    }
    // One name in two folders.
    for target in ["a/b/x.nii.gz", "c/x.nii.gz"] {
      try files.copyItem(atPath: "\(data)/imagesTs/\(scans[0])", toPath: "\(tree)/\(target)")
    }
    try files.copyItem(atPath: "\(data)/imagesTs/\(scans[1])", toPath: "\(tree)/y.nii.gz")
    // A link to a folder is not followed, and may lead in circles.
    try files.createSymbolicLink(atPath: "\(tree)/c/loop", withDestinationPath: tree)
    let masks = tree + "/masks"
    let predict = ["predict", "--model-dir", model, "--input", tree, "--output", masks]
    for _ in 0..<2 {
      // The second time masks lie below the scans, and are none.
      let run = try sandbox.vnet(predict)
      #expect(run.status == 0 && run.output.contains("3 of 3 predicted"), "\(run.errors)")
      #expect(run.errors.contains("loop"))
    }
    #expect(try sandbox.files(masks) == ["a", "c", "y.nii.gz"])
    #expect(try sandbox.files(masks + "/a/b") == ["x.nii.gz"] && sandbox.files(masks + "/c") == ["x.nii.gz"])
    let mask = try Image(contentsOf: masks + "/c/x.nii.gz").labelVolume()
    #expect(try mask == Image(contentsOf: masks + "/a/b/x.nii.gz").labelVolume())
    let table = sandbox.path + "/volumes.csv"
    #expect(try sandbox.vnet(predict + ["--skip-existing", "--volumes", table]).status == 0)
    #expect(try sandbox.text(table).contains("a/b/x,Anterior"))
  }

  @Test func previewsAreDrawnAndListed() throws {
    let data = try sandbox.phantom()
    let (model, trained) = try sandbox.train(data)
    #expect(trained.status == 0, "\(trained.errors)")
    let masks = sandbox.path + "/masks"
    let run = try sandbox.vnet(
      "predict", "--model-dir", model, "--input", data + "/imagesTs", "--output", masks, "--preview")
    #expect(run.status == 0 && run.output.contains("\(masks)/previews/index.html"), "\(run.errors)")
    let names = try sandbox.files(masks + "/previews")
    #expect(names.count == 3 && names[0] == "index.html" && names[1].hasSuffix(".png"))
    let page = try sandbox.text(masks + "/previews/index.html")
    #expect(names.dropFirst().allSatisfy { page.contains("src=\"./\($0)\"") } && page.contains("Posterior"))
  }

  @Test func qualityIsLearntFromACrossValidationAndEstimated() throws {
    let data = try sandbox.phantom()
    let (model, trained) = try sandbox.train(
      data, "--folds", "2", "--augment", "--epochs", "6", "--base-lr", "0.001")
    #expect(trained.status == 0, "\(trained.errors)")
    let predict = [
      "predict", "--model-dir", model, "--input", data + "/imagesTs", "--output", sandbox.path + "/masks",
      "--quality",
    ]
    let before = try sandbox.vnet(predict)
    #expect(before.status == 0 && before.errors.contains("not calibrated"), "\(before.errors)")
    let learnt = try sandbox.vnet("evaluate", "--data-dir", data, "--model-dir", model, "--quality")
    #expect(learnt.status == 0 && learnt.output.contains("quality \(model)/quality.json"), "\(learnt.errors)")
    let after = try sandbox.vnet(predict + ["--json"])
    #expect(after.status == 0 && after.errors.isEmpty, "\(after.errors)")
    let object = try JSONSerialization.jsonObject(with: Data(after.output.utf8)) as? [String: Any]
    let quality = (object?["predicted"] as? [[String: Any]])?.first?["quality"] as? [String: Any]
    #expect((quality?["agreement"] as? [Any])?.count == 2 && quality?["needs_look"] != nil)
    let table = try sandbox.text(sandbox.path + "/masks/quality.csv").split(separator: "\r\n")
    #expect(table.count == 1 + 2 * 2 && table[0].hasPrefix("case,class,agreement,estimated_dice"))
    expectRefusal(try sandbox.vnet(predict + ["--skip-existing"]), "--quality")
  }

  @Test func qualityNeedsMasksToCompare() throws {
    let data = try sandbox.phantom()
    let (model, trained) = try sandbox.train(data)
    #expect(trained.status == 0, "\(trained.errors)")
    expectRefusal(
      try sandbox.vnet(
        "predict", "--model-dir", model, "--input", data, "--output", sandbox.path + "/o", "--quality"),
      "--quality", "--augment")
    expectRefusal(
      try sandbox.vnet("evaluate", "--data-dir", data, "--model-dir", model, "--quality"), "--augment")
  }
}
