import Foundation
import Testing

/// `vnet evaluate` and `vnet score`: what is measured, where it is written, and what goes wrong.
@Suite(.serialized) struct EvaluationCommandTests {
  private let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  private func json(_ path: String) throws -> [String: Any] {
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path)))
    return try #require(object as? [String: Any])
  }

  @Test func otherDataAreWrittenElsewhere() throws {
    let data = try sandbox.phantom()
    let (model, trained) = try sandbox.train(data)
    #expect(trained.status == 0, "\(trained.errors)")
    let own = try sandbox.vnet("evaluate", "--data-dir", data, "--model-dir", model)
    #expect(own.status == 0 && own.output.contains(", validation, 1 case,"), "\(own.errors)\(own.output)")
    #expect(own.errors.isEmpty, "\(own.errors)")
    let best = ["evaluate", "--data-dir", data, "--model-dir", model, "--checkpoint", "best", "--output"]
    let chosen = try sandbox.vnet(best + [sandbox.path + "/best"])
    #expect(chosen.errors.contains("did best on the validation cases"), "\(chosen.errors)")
    #expect(try sandbox.vnet(best + [sandbox.path + "/training", "--split", "training"]).errors.isEmpty)
    let before = try sandbox.text(model + "/evaluation.json")
    let terms = try #require(try json(model + "/evaluation.json")["terms"] as? [String: Any])
    #expect(Set(terms.keys).isSuperset(of: ["data_set", "split", "checkpoint", "version", "date", "model"]))
    #expect(try sandbox.text(model + "/cases.csv").contains("data_set,split,checkpoint,version,date"))
    let report = try sandbox.text(model + "/report.html")
    for word in ["Data set", "Split", "Checkpoint", "Version of vnet", "Date"] {
      #expect(report.contains("<dt>\(word)</dt>"))
    }

    // The same scans under another name.
    let other = sandbox.path + "/other"
    try FileManager.default.copyItem(atPath: data, toPath: other)
    let description = try sandbox.text(other + "/dataset.json").replacingOccurrences(
      of: "\"name\": \"", with: "\"name\": \"Other ")
    try description.write(toFile: other + "/dataset.json", atomically: true, encoding: .utf8)
    let evaluate = ["evaluate", "--data-dir", other, "--model-dir", model]
    let shown = try sandbox.vnet(evaluate)
    #expect(shown.status == 0 && shown.output.contains(", all, 6 cases"), "\(shown.output)")
    #expect(shown.errors.contains(other + "/dataset.json") && shown.errors.contains("--output"))
    #expect(try sandbox.text(model + "/evaluation.json") == before)
    let output = sandbox.path + "/output"
    let elsewhere = try sandbox.vnet(evaluate + ["--output", output])
    #expect(elsewhere.status == 0 && elsewhere.output.contains(", all, 6 cases"), "\(elsewhere.errors)")
    #expect(try sandbox.files(output) == ["cases.csv", "evaluation.json", "report.html"])
    #expect(try sandbox.text(model + "/evaluation.json") == before)
  }

  /// A case that cannot be measured, and a folder that cannot be written: the rest is there, and the command fails.
  @Test func whatFailsLeavesTheRest() throws {
    let data = try sandbox.phantom()
    let (model, trained) = try sandbox.train(data)
    #expect(trained.status == 0, "\(trained.errors)")
    let masks = data + "/labelsTr"
    let bad = masks + "/" + (try sandbox.files(masks))[2]
    try Data("no mask".utf8).write(to: URL(fileURLWithPath: bad))
    let evaluate = ["evaluate", "--data-dir", data, "--model-dir", model, "--split", "all"]
    let partial = try sandbox.vnet(evaluate)
    expectRefusal(partial, bad, "is left out")
    #expect(partial.status == 1 && partial.output.contains("1 left out"), "\(partial.output)")
    let cases = try json(model + "/evaluation.json")
    #expect((cases["cases"] as? [Any])?.count == 5 && (cases["failures"] as? [Any])?.count == 1)
    #expect(try sandbox.text(model + "/report.html").contains("Left out: "))

    // A folder in the place of the table of cases; to be read-only does not keep root from writing.
    try FileManager.default.removeItem(atPath: model + "/cases.csv")
    try FileManager.default.createDirectory(
      atPath: model + "/cases.csv/full", withIntermediateDirectories: true)
    let file = sandbox.path + "/scores.json"
    let unwritten = try sandbox.vnet(evaluate + ["--json", file])
    expectRefusal(unwritten, model + "/cases.csv")
    #expect(unwritten.status == 1 && unwritten.output.contains("mean foreground Dice"))
    #expect((try json(file)["cases"] as? [Any])?.count == 5)
  }

  @Test func anEvaluationOfAllCasesStaysWhereALaterOneFails() throws {
    let data = try sandbox.phantom()
    let (model, trained) = try sandbox.train(data)
    #expect(trained.status == 0, "\(trained.errors)")
    let evaluate = ["evaluate", "--data-dir", data, "--model-dir", model, "--split", "all"]
    #expect(try sandbox.vnet(evaluate).status == 0)
    let names = ["evaluation.json", "cases.csv", "report.html"]
    let before = try names.map { try sandbox.text("\(model)/\($0)") }
    let bad = data + "/labelsTr/" + (try sandbox.files(data + "/labelsTr"))[2]
    try Data("no mask".utf8).write(to: URL(fileURLWithPath: bad))
    for _ in 0..<2 {
      let partial = try sandbox.vnet(evaluate)
      expectRefusal(partial, bad, "the earlier evaluation of all cases stays", model + "/incomplete")
      #expect(try names.map { try sandbox.text("\(model)/\($0)") } == before)
      #expect((try json(model + "/incomplete/evaluation.json")["cases"] as? [Any])?.count == 5)
    }
  }

  @Test func masksOfAnyProgramAreScored() throws {
    let data = try sandbox.phantom()
    let (truth, masks) = (data + "/labelsTr", sandbox.path + "/masks")
    try FileManager.default.copyItem(atPath: truth, toPath: masks)
    let names = try sandbox.files(masks)
    let output = sandbox.path + "/output"
    let score = ["score", "--masks", masks, "--truth"]
    let whole = try sandbox.vnet(score + [data, "--output", output])
    #expect(
      whole.status == 0 && whole.output.contains("mean foreground Dice 1.0000 over 6 cases"),
      "\(whole.errors)")
    #expect(whole.output.contains("Anterior") && whole.output.contains("cases"))
    #expect(try sandbox.files(output) == ["cases.csv", "evaluation.json", "report.html"])
    let terms = try #require(try json(output + "/evaluation.json")["terms"] as? [String: Any])
    #expect(terms["masks"] as? String == masks && terms["version"] != nil)
    #expect(
      whole.output.contains("Anterior, 95 % from") && whole.output.contains("95 % interval 1.0000 to 1.0000"))
    let intervals =
      try json(output + "/evaluation.json")["confidence_interval_95"] as? [String: [String: Any]]
    #expect(intervals?["Anterior"]?["hd95_mm"] as? [Double] == [0, 0])
    #expect(try sandbox.text(output + "/report.html").contains("[1.0000, 1.0000]"))

    let named = try sandbox.vnet(score + [truth, "--labels", "Head", "Tail", "--json", "-"])
    #expect(
      named.status == 0 && named.output.hasPrefix("{") && named.output.contains("Tail"), "\(named.errors)")
    let declared = try sandbox.vnet(score + [truth, "--labels", data + "/dataset.json"])
    #expect(declared.status == 0 && declared.output.contains("Anterior"), "\(declared.errors)")
    // The data set beside the folder names its classes; another folder has none.
    #expect(try sandbox.vnet(score + [truth]).output.contains("Anterior"))
    let plain = sandbox.path + "/truth"
    try FileManager.default.copyItem(atPath: truth, toPath: plain)
    #expect(try sandbox.vnet(score + [plain]).output.contains("label 2"))

    try FileManager.default.moveItem(atPath: "\(masks)/\(names[0])", toPath: masks + "/another.nii.gz")
    try Data("no mask".utf8).write(to: URL(fileURLWithPath: "\(masks)/\(names[1])"))
    let partial = try sandbox.vnet(score + [truth])
    expectRefusal(partial, "another.nii.gz", "\(truth)/\(names[0])", "\(masks)/\(names[1])")
    #expect(partial.status == 1 && partial.output.contains("over 4 cases; 2 left out"), "\(partial.output)")
    expectRefusal(try sandbox.vnet(score + [truth, "--labels", "a", "a"]), "--labels")
  }

  @Test func oneCaseHasNoBestCheckpoint() throws {
    let data = sandbox.path + "/one"
    #expect(try sandbox.vnet("phantom", "--output", data, "--cases", "1", "--seed", "1").status == 0)
    let (model, trained) = try sandbox.train(data, "--evaluate")
    #expect(
      trained.status == 0 && !(trained.output + trained.errors).contains("--train-split"), "\(trained.errors)"
    )
    let predict = [
      "predict", "--model-dir", model, "--input", data + "/imagesTr", "--output", sandbox.path + "/o",
    ]
    expectRefusal(
      try sandbox.vnet(predict + ["--checkpoint", "best"]), "no best checkpoint was kept, because",
      "one labelled case")
    let evaluated = try sandbox.vnet("evaluate", "--data-dir", data, "--model-dir", model)
    expectRefusal(evaluated, "--split training or all")
    #expect(!evaluated.errors.contains("--train-split"))
  }
}
