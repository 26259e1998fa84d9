import Foundation
import Testing

/// `--config` and what a training keeps of its own options; `--dry-run`.
@Suite(.serialized) struct ConfigurationTests {
  private let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  private func file(_ text: String, _ name: String = "given.yaml") throws -> String {
    let path = sandbox.path + "/" + name
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  private func train(_ config: String, _ model: String, _ more: String...) throws -> CommandRun {
    try sandbox.vnet(["train", "--config", config, "--model-dir", sandbox.path + "/" + model] + more)
  }

  /// The tensors of a checkpoint, without what it says of itself.
  private func tensors(_ model: String) throws -> Data {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(sandbox.path)/\(model)/last.safetensors"))
    let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    return data.dropFirst(8 + length)
  }

  @Test func aTrainingIsRepeatedByWhatItKept() throws {
    let data = try sandbox.phantom()
    let given = try file(
      """
      # A training in few words.
      data_dir: "\(data)"
      filters: 4
      input-shape: [16, 16, 16]
      epochs: 7
      augment: true
      exact-convolution: true
      """)
    let first = try train(given, "first", "--epochs", "2", "--seed", "3")
    #expect(first.status == 0 && first.output.contains("epoch 2/2"), "\(first.errors)")
    let kept = try sandbox.text(sandbox.path + "/first/config.yaml")
    for line in ["epochs: 2", "seed: 3", "augment: true", "preset: hippocampus", "input-shape: [16, 16, 16]"]
    {
      #expect(kept.contains("\n\(line)\n"), "\(kept)")
    }
    #expect(!kept.contains("\nmodel-dir"))
    let again = try train(sandbox.path + "/first/config.yaml", "again")
    #expect(again.status == 0, "\(again.errors)")
    #expect(try tensors("again") == tensors("first"))
    #expect(try sandbox.text(sandbox.path + "/again/config.yaml") == kept)
    // Another seed gives other weights: the comparison can fail.
    #expect(try train(sandbox.path + "/first/config.yaml", "other", "--seed", "4").status == 0)
    #expect(try tensors("other") != tensors("first"))
  }

  @Test func eachFoldKeepsItsOwn() throws {
    let data = try sandbox.phantom()
    let (model, run) = try sandbox.train(data, "--folds", "2", "--anonymous")
    #expect(run.status == 0, "\(run.errors)")
    let (fold, whole) = (
      try sandbox.text(model + "/fold-1/config.yaml"), try sandbox.text(model + "/config.yaml")
    )
    #expect(fold.contains("\nfolds: 2\n") && fold.contains("\nfold: 1\n"))
    #expect(whole.contains("\nfolds: 2\n") && !whole.contains("\nfold: "))
    #expect(!fold.contains(data) && !whole.contains(data))
  }

  @Test func jsonIsReadAndTheCommandLineWins() throws {
    let data = try sandbox.phantom()
    let given = try file("{\"labels\": \"nowhere\",\n\t\"images\": \"nowhere\"}", "given.json")
    expectRefusal(try train(given, "m", "--data-dir", data), "--data-dir, --images")
    let list = try file("{\"data-dir\": \"nowhere\", \"epochs\": 1, \"quiet\": true}", "given.json")
    let run = try train(list, "m", "--data-dir", data, "--filters", "4", "--input-shape", "16", "16", "16")
    #expect(run.status == 0 && run.output.isEmpty, "\(run.errors)")
    let predict = try file("model-dir: [\"\(sandbox.path)/m\"]\ninput: [\"\(data)/imagesTs\"]\njson: true")
    let masks = try sandbox.vnet("predict", "--config", predict, "--output", sandbox.path + "/masks")
    #expect(masks.status == 0 && masks.output.hasPrefix("{"), "\(masks.errors)")
  }

  @Test(arguments: [
    ("epochz: 3", "\"epochz\"", "did you mean epochs?"),
    ("lr: 3", "\"lr\"", "did you mean base-lr?"),
    ("epochs: ten", "\"epochs\"", "'ten' is invalid"),
    ("epochs: 0", "\"epochs\"", "1 to 1000000"),
    ("epochs: [1, 2]", "\"epochs\"", "takes one value"),
    ("epochs: {a: 1}", "\"epochs\"", "left margin"),
    ("epochs:", "\"epochs\"", "has no value"),
    ("epochs: 1\nepochs: 2", "'epochs'", "duplicated"),
    ("epochs: 1\n---\nepochs: 2", "single document", "line 1"),
    ("batch-size: 1\nbatch_size: 2", "\"batch_size\"", "twice"),
    ("augment: yes", "\"augment\"", "true or false"),
    ("no-augment: true", "\"no-augment\"", "augment: false"),
    ("config: other.yaml", "\"config\"", "no such option"),
    ("spacing: []", "\"spacing\"", "empty list"),
    ("with: [--quiet]", "\"with\"", "begins as an option"),
    ("spacing: &a [1, 1, 1]", "\"spacing\"", "anchor"),
    ("- 1\n- 2", "no map", "epochs: 40"),
    ("x: [", "neither YAML nor JSON", "correct it"),
  ])
  func mistakesNameFileAndKey(_ text: String, _ first: String, _ second: String) throws {
    let path = try file(text)
    let run = try train(path, "m", "--data-dir", "nowhere")
    expectRefusal(run, path, first, second)
    #expect(run.errors.split(separator: "\n").count == 1)
  }

  @Test func oneFileIsTaken() throws {
    let path = try file("epochs: 1")
    expectRefusal(
      try train(path, "m", "--data-dir", "nowhere", "--config", "other.yaml"), "--config", "2 times")
  }

  @Test func hostileFilesAreRefused() throws {
    let laughs = (1...9).map { level in
      "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1), *a\(level - 1)]"
    }
    for text in [
      String(repeating: "[", count: 60_000), "a: " + String(repeating: "[", count: 1900),
      String(repeating: "- ", count: 1900), String(repeating: "? ", count: 1900),
      String(repeating: "{a: ", count: 1900), String(repeating: "x", count: 70_000), "a: \0",
      "with: &a0 [x]\n" + laughs.joined(separator: "\n"),
    ] {
      let run = try train(try file(text), "m", "--data-dir", "nowhere")
      expectRefusal(run, "given.yaml")
      #expect(run.errors.split(separator: "\n").count == 1 && run.errors.count < 500)
    }
    expectRefusal(try train("/dev/zero", "m", "--data-dir", "nowhere"), "64 KiB")
    expectRefusal(try train(sandbox.path, "m", "--data-dir", "nowhere"), "cannot be read")
  }

  @Test func aDryRunTellsAndWritesNothing() throws {
    let data = try sandbox.phantom()
    let (model, run) = try sandbox.train(data, "--dry-run", "--batch-size", "2")
    #expect(run.status == 0, "\(run.errors)")
    for words in [
      "5 cases train", "3 an epoch, 3 in 1 epoch", "measured on made-up data", "MiB at the peak",
    ] {
      #expect(run.output.contains(words), "\(run.output)")
    }
    #expect(!FileManager.default.fileExists(atPath: model))
    let planned = try sandbox.vnet(
      "train", "--data-dir", data, "--model-dir", model, "--preset", "accurate", "--filters", "4",
      "--input-shape", "16", "16", "16", "--dry-run")
    #expect(planned.status == 0 && planned.output.contains("patches    16 x 16 x 16"), "\(planned.errors)")
    expectRefusal(try sandbox.train(data, "--dry-run", "--evaluate").run, "--dry-run")
    #expect(try sandbox.train(data).run.status == 0)
    expectRefusal(try sandbox.train(data, "--dry-run").run, "already holds a trained model", "--resume")
  }
}
