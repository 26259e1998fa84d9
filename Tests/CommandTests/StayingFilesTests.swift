import Foundation
import MedicalImaging
import Testing

/// What is there already and no earlier result of the same kind stays.
@Suite(.serialized) struct StayingFilesTests {
  private let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  @Test func masksThatAreThereStay() throws {
    let data = try sandbox.phantom()
    let (model, trained) = try sandbox.train(data)
    #expect(trained.status == 0, "\(trained.errors)")
    let (masks, table) = (sandbox.path + "/masks", sandbox.path + "/volumes.csv")
    let predict = ["predict", "--model-dir", model, "--input", data + "/imagesTs", "--output", masks]
    #expect(try sandbox.vnet(predict).status == 0)
    let names = try sandbox.files(masks)
    // As if somebody had corrected it: what follows compressed data is not read.
    let corrected = URL(fileURLWithPath: "\(masks)/\(names[0])")
    let contents = try Data(contentsOf: corrected) + Data([0])
    try contents.write(to: corrected)

    let more = ["--skip-existing", "--preview", "--volumes", table]
    let drawn = try sandbox.vnet(predict + more + ["--probabilities"])
    #expect(
      drawn.status == 0 && drawn.output.contains("0 of 2 predicted, 2 there already"), "\(drawn.output)")
    #expect(drawn.errors.contains("is not made, since the mask is there"), "\(drawn.errors)")
    #expect(try Data(contentsOf: corrected) == contents)
    #expect(try sandbox.files(masks + "/previews").count == 3)

    // A mask that cannot be read does not stop the others.
    try Data("damaged".utf8).write(to: URL(fileURLWithPath: "\(masks)/\(names[1])"))
    let damaged = try sandbox.vnet(predict + more)
    expectRefusal(damaged, "\(masks)/\(names[1])")
    #expect(damaged.output.contains("previews \(masks)/previews/index.html"), "\(damaged.output)")
    #expect(try sandbox.text(table).split(separator: "\r\n").count == 3)
  }

  @Test func otherFilesAreNotReplaced() throws {
    let data = try sandbox.phantom()
    let (model, trained) = try sandbox.train(data)
    #expect(trained.status == 0, "\(trained.errors)")
    let scan = data + "/imagesTs/" + (try sandbox.files(data + "/imagesTs"))[0]
    let mask = data + "/labelsTr/" + (try sandbox.files(data + "/labelsTr"))[0]
    let predict = ["predict", "--model-dir", model, "--input", scan, "--output"]
    let evaluate = ["evaluate", "--model-dir", model, "--data-dir", data, "--json"]
    let export = ["export", "--model-dir", model, "--format", "safetensors", "--output"]
    let cases: [(words: [String], file: String)] = [
      (predict + ["masks", "--volumes", scan], scan),
      (predict + ["masks", "--volumes", model], model + "/config.yaml"),
      (predict + [mask], mask),
      (evaluate + [model + "/config.yaml"], model + "/config.yaml"),
      (evaluate + [mask], mask),
      (["score", "--truth", data + "/labelsTr", "--masks", data + "/labelsTr", "--json", mask], mask),
      (export + [model + "/last.safetensors"], model + "/last.safetensors"),
      (export + [data + "/dataset.json"], data + "/dataset.json"),
    ]
    for (words, file) in cases {
      let before = try Data(contentsOf: URL(fileURLWithPath: file))
      expectRefusal(try sandbox.vnet(words), try #require(words.last))
      #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before, "\(words)")
    }
    expectRefusal(
      try sandbox.vnet(predict + ["masks", "--volumes", "/nowhere/v.csv"]), "/nowhere", "make it first")
    try FileManager.default.createDirectory(atPath: sandbox.path + "/o", withIntermediateDirectories: true)
    try Data().write(to: URL(fileURLWithPath: sandbox.path + "/o/previews"))
    expectRefusal(try sandbox.vnet(predict + [sandbox.path + "/o", "--preview"]), "o/previews", "--preview")
    // Earlier results of the same kind are replaced.
    let table = sandbox.path + "/v.csv"
    for _ in 0..<2 {
      #expect(try sandbox.vnet(predict + [sandbox.path + "/masks", "--volumes", table]).status == 0)
    }
  }
}
