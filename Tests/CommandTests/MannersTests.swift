import Foundation
import Testing

/// What a user typed by mistake is answered with what to type.
@Suite(.serialized) struct MannersTests {
  private let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  @Test(arguments: [
    (["trian", "--data-dir", "x"], "did you mean 'vnet train'?"),
    (["help", "trian"], "did you mean 'vnet train'?"),
    (["segmentate"], "lists the commands"),
    (["train", "--data_dir", "x", "--model-dir", "y"], "did you mean --data-dir?"),
    (["train", "--data-dir", "x", "--model-dir", "y", "--lr", "0.1"], "did you mean --base-lr?"),
    (["train", "--data-dir", "x", "--model-dir", "y", "--batch", "4"], "did you mean --batch-size?"),
    (["train", "--data-dir", "x", "--model-dir", "y", "--epochz=4"], "did you mean --epochs?"),
    (["predict", "--models", "x", "--input", "y", "--output", "z"], "did you mean --model-dir?"),
    (["verify", "/tmp"], "give --data-dir /tmp"),
    (["train", "--data-dir", "x", "--model-dir", "y", "--loss", "Dice"], "--loss takes dice, cross-entropy"),
    (["predict", "--model-dir", "x", "--input", "y", "--output", "z", "--device=gpu"], "cuda"),
  ])
  func mistypedNamesAreAnsweredWithTheNearest(_ arguments: [String], _ answer: String) throws {
    let run = try sandbox.vnet(arguments)
    expectRefusal(run, answer)
    #expect(run.output.isEmpty)
  }

  @Test(arguments: [
    ["score", "--truht", "x"], ["phantom"],
    ["evaluate", "--data-dir", "x", "--model-dir", "y", "--split", "z"],
    ["export", "--model-dir", "x", "--output", "model.zip"],
  ])
  func usageIsThatOfTheCommandAndFitsATerminal(_ arguments: [String]) throws {
    let run = try sandbox.vnet(arguments)
    expectRefusal(run, "\nUsage: vnet \(arguments[0]) ", "See 'vnet \(arguments[0]) --help'")
    let help = try sandbox.vnet(arguments[0], "--help")
    for text in [run.errors, help.output] {
      let lines = text.split(separator: "\n")
      let first = try #require(lines.firstIndex { $0.lowercased().hasPrefix("usage: ") })
      let usage = [lines[first]] + lines[(first + 1)...].prefix { $0.hasPrefix("       ") }
      #expect(usage.allSatisfy { $0.count <= 80 }, "\(usage)")
    }
  }

  @Test func valuesAndHelpAreNoMistakes() throws {
    #expect(try sandbox.vnet("help", "train").status == 0)
    #expect(try sandbox.vnet("--version").status == 0)
    #expect(try sandbox.vnet("help").output.contains("SUBCOMMANDS"))
    // A mistake that resembles nothing is left to the parser.
    expectRefusal(try sandbox.vnet("devices", "--xyzzyqqq"), "--xyzzyqqq")
  }

  @Test func mistakenFoldersAreNamed() throws {
    let data = try sandbox.phantom()
    let (model, trained) = try sandbox.train(data)
    #expect(trained.status == 0, "\(trained.errors)")
    expectRefusal(try sandbox.vnet("verify", "--data-dir", data + "/dataset.json"), "give its folder", data)
    expectRefusal(try sandbox.vnet("verify", "--data-dir", model), "trained model", "--model-dir")
    expectRefusal(
      try sandbox.vnet("predict", "--model-dir", data, "--input", data, "--output", sandbox.path + "/o"),
      "data set, not a model")
  }

  @Test func theMaskOfOneScanHasAFileOfItsOwn() throws {
    let data = try sandbox.phantom()
    let (model, trained) = try sandbox.train(data)
    #expect(trained.status == 0, "\(trained.errors)")
    let scans = data + "/imagesTs"
    let scan = scans + "/" + (try sandbox.files(scans))[0]
    let predict = ["predict", "--model-dir", model, "--input"]
    let one = try sandbox.vnet(
      predict + [scan, "--output", sandbox.path + "/out/mask.nii.gz", "--probabilities"])
    #expect(one.status == 0, "\(one.errors)")
    #expect(try sandbox.files(sandbox.path + "/out") == ["mask.nii.gz", "mask_probabilities.nii.gz"])
    expectRefusal(
      try sandbox.vnet(predict + [scans, "--output", sandbox.path + "/m.nii.gz"]), "2 scans", "folder")
    expectRefusal(
      try sandbox.vnet(predict + [scan, "--output", sandbox.path + "/m.nii.gz", "--format", "nrrd"]),
      "--format")
  }

  @Test func helpShowsFirstWhatIsNeededFirst() throws {
    let (short, whole) = (try sandbox.vnet("train", "--help"), try sandbox.vnet("train", "--help-all"))
    #expect(short.output.contains("--data-dir") && short.output.contains("--help-all"))
    #expect(!short.output.contains("--focal") && !short.output.contains("--downscale-blocks"))
    #expect(whole.output.contains("--downscale-blocks") && whole.output.count > short.output.count)
  }

  @Test(arguments: [
    "train", "evaluate", "predict", "score", "compare", "export", "inspect", "verify", "phantom", "benchmark",
    "devices",
  ])
  func helpEndsWithTwoExamples(_ command: String) throws {
    for arguments in [[command, "--help"], ["help", command]] {
      let lines = try sandbox.vnet(arguments).output.split(separator: "\n")
      #expect(lines.suffix(3).first == "EXAMPLES:", "\(lines.suffix(4))")
      #expect(lines.suffix(2).allSatisfy { $0.hasPrefix("  vnet \(command)") && $0.count <= 80 })
    }
  }

  @Test func devicesAreListedAsJSON() throws {
    let run = try sandbox.vnet("devices", "--json")
    let platforms = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: Any]]
    #expect(platforms?.first?["name"] as? String == "cpu" && platforms?.count == 4, "\(run.errors)")
  }

  @Test func progressIsForTerminals() throws {
    let data = try sandbox.phantom()
    let verify = "$VNET verify --data-dir \(data)"
    let plain = try CommandRun(script: verify, in: sandbox.path)
    #expect(plain.status == 0 && plain.errors.isEmpty)
    let seen = try CommandRun(script: "script -qec \"\(verify)\" /dev/null", in: sandbox.path)
    #expect(seen.output.contains("4 of 8 checked") && seen.output.contains("/s  0:00 left"), "\(seen.output)")
    let quiet = try CommandRun(script: "script -qec \"\(verify) --quiet\" /dev/null", in: sandbox.path)
    #expect(quiet.output.isEmpty, "\(quiet.output)")
  }

  @Test func quietCommandsPrintNothingAndOthersTheNextStep() throws {
    let data = sandbox.path + "/data"
    let made = try sandbox.vnet("phantom", "--output", data, "--cases", "6", "--seed", "1")
    #expect(made.output.contains("next: vnet verify --data-dir \(data)"))
    #expect(
      try sandbox.vnet("verify", "--data-dir", data).output.contains("next: vnet train --data-dir \(data)"))
    let quiet = try sandbox.vnet("verify", "--data-dir", data, "--quiet")
    #expect(quiet.status == 0 && quiet.output.isEmpty && quiet.errors.isEmpty)
    let (model, trained) = try sandbox.train(data, "--quiet")
    #expect(trained.status == 0 && trained.output.isEmpty, "\(trained.output)")
    let predicted = try sandbox.vnet(
      "predict", "--model-dir", model, "--input", data, "--output", sandbox.path + "/o", "--quiet")
    #expect(predicted.status == 0 && predicted.output.isEmpty, "\(predicted.output)")
    expectRefusal(try sandbox.vnet("verify", "--data-dir", data, "--quiet", "--json"), "--quiet")
  }
}
