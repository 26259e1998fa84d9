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
    // Links to folders are followed once, and may lead in circles.
    let elsewhere = sandbox.path + "/elsewhere"
    try files.createDirectory(atPath: elsewhere + "/d", withIntermediateDirectories: true)
    try files.copyItem(atPath: "\(data)/imagesTs/\(scans[1])", toPath: elsewhere + "/d/z.nii.gz")
    for (link, target) in [("c/loop", tree), ("a/link", elsewhere), ("twice", elsewhere)] {
      try files.createSymbolicLink(atPath: "\(tree)/\(link)", withDestinationPath: target)
    }
    let masks = tree + "/masks"
    let predict = ["predict", "--model-dir", model, "--input", tree, "--output", masks]
    for _ in 0..<2 {
      // The second time masks lie below the scans, and are none.
      let run = try sandbox.vnet(predict)
      #expect(run.status == 0 && run.output.contains("4 of 4 predicted"), "\(run.errors)")
      #expect(
        run.output.contains("2 links to folders that were looked into already left out"), "\(run.output)")
    }
    #expect(try sandbox.files(masks) == ["a", "c", "twice", "y.nii.gz"])
    #expect(try sandbox.files(masks + "/twice/d") == ["z.nii.gz"])
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

    // A later run of another scan shows those that are there, too.
    let scan = data + "/imagesTr/" + (try sandbox.files(data + "/imagesTr"))[0]
    let more = try sandbox.vnet(
      "predict", "--model-dir", model, "--input", scan, "--output", masks, "--preview")
    #expect(more.status == 0, "\(more.errors)")
    let later = try sandbox.text(masks + "/previews/index.html")
    #expect(later.contains("3 scans") && names.dropFirst().allSatisfy { later.contains("src=\"./\($0)\"") })
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

    // What is there already keeps its line, and a mask that is made anew without an estimate has none.
    let masks = sandbox.path + "/masks"
    let name = try sandbox.files(masks).filter { $0.hasSuffix(".nii.gz") }[0]
    try FileManager.default.removeItem(atPath: "\(masks)/\(name)")
    let rest = try sandbox.vnet(predict + ["--skip-existing", "--preview"])
    #expect(rest.status == 0 && rest.output.contains("1 of 2 predicted, 1 there already"), "\(rest.errors)")
    #expect(try sandbox.text(masks + "/quality.csv").split(separator: "\r\n").count == 1 + 2 * 2)
    let page = try sandbox.text(masks + "/previews/index.html")
    #expect(page.components(separatedBy: "stimated Dice").count == 3 || page.contains("no estimate"))
    let anew = try sandbox.vnet(
      "predict", "--model-dir", model, "--input", "\(data)/imagesTs/\(name)", "--output", masks)
    #expect(anew.status == 0, "\(anew.errors)")
    #expect(try sandbox.text(masks + "/quality.csv").split(separator: "\r\n").count == 1 + 2)
    try Data("notes".utf8).write(to: URL(fileURLWithPath: masks + "/quality.csv"))
    expectRefusal(try sandbox.vnet(predict), "quality.csv", "no earlier table")
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
