import Foundation
import Testing

/// The `vnet` command as a user meets it: a process with arguments, an exit status and two outputs.
@Suite(.serialized) struct CommandTests {
  private static let small = ["--filters", "4", "--input-shape", "16", "16", "16"]

  private func vnet(_ arguments: [String]) throws -> CommandRun { try CommandRun(arguments) }

  private func vnet(_ arguments: String...) throws -> CommandRun { try vnet(arguments) }

  private func train(_ data: String, _ model: String, _ more: String...) throws -> CommandRun {
    try vnet(["train", "--data-dir", data, "--model-dir", model] + Self.small + more)
  }

  private func phantom(_ folder: String, _ more: String...) throws -> String {
    let data = folder + "/data"
    let run = try vnet(["phantom", "--output", data, "--cases", "6", "--seed", "1"] + more)
    #expect(run.status == 0, "\(run.errors)")
    return data
  }

  private func files(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  // MARK: The main job

  @Test func fromPhantomToMasks() throws {
    try withFolder { folder in
      let data = try phantom(folder)
      let model = folder + "/model"
      let trained = try train(data, model, "--epochs", "2", "--augment", "--evaluate", "--predict")
      #expect(trained.status == 0, "\(trained.errors)")
      #expect(trained.output.contains("epoch 2/2") && trained.output.contains("Posterior"))
      #expect(
        try files(model) == [
          "best.safetensors", "config.yaml", "dllogger.log", "last.safetensors", "log.jsonl", "predictions",
          "report.html",
        ])
      #expect(try files(model + "/predictions").count == 2)
      for (name, start) in [("log.jsonl", "{"), ("dllogger.log", "DLLL {")] {
        let log = try String(contentsOfFile: model + "/" + name, encoding: .utf8).split(separator: "\n")
        #expect(!log.isEmpty && log.allSatisfy { $0.hasPrefix(start) })
      }

      let resumed = try vnet("train", "--data-dir", data, "--model-dir", model, "--epochs", "3", "--resume")
      #expect(resumed.status == 0 && resumed.output.contains("going on after epoch 2"), "\(resumed.errors)")

      let json = folder + "/evaluation.json"
      let evaluated = try vnet(
        "evaluate", "--data-dir", data, "--model-dir", model, "--split", "all", "--json", json)
      #expect(evaluated.status == 0, "\(evaluated.errors)")
      #expect(try files(model).contains("cases.csv"))
      let object = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: json)))
      let cases = (object as? [String: Any])?["cases"] as? [Any]
      #expect(cases?.count == 6)

      let masks = folder + "/masks"
      let predicted = try vnet(
        "predict", "--model-dir", model, "--input", data + "/imagesTs", "--output", masks, "--probabilities")
      #expect(predicted.status == 0, "\(predicted.errors)")
      #expect(try files(masks).count == 4)
      let inspected = try vnet("inspect", masks + "/" + (try files(data + "/imagesTs"))[0])
      #expect(inspected.status == 0 && inspected.output.contains("uint8"), "\(inspected.output)")
    }
  }

  @Test func computedTomographyWithTwoChannels() throws {
    try withFolder { folder in
      let data = try phantom(folder, "--modality", "CT", "--channels", "2", "--classes", "3")
      let trained = try train(data, folder + "/model", "--epochs", "1", "--evaluate")
      #expect(trained.status == 0, "\(trained.errors)")
      #expect(trained.output.contains("Part 3"))
    }
  }

  // MARK: Devices

  private static let plugin: String? = {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "../../.plugins")
    let path = folder.appendingPathComponent("xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so").standardizedFileURL
      .path
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }()

  /// The main job by XLA, and back on the CPU backend.
  @Test(.enabled(if: plugin != nil, "XLA's CPU plugin is not in .plugins/: run 'make plugins'"))
  func fromPhantomToMasksByXLA() throws {
    try withFolder { folder in
      let (data, model) = (try phantom(folder), folder + "/model")
      let devices = try vnet("devices", "--plugin", Self.plugin!)
      #expect(devices.status == 0 && devices.output.contains("platform cpu"), "\(devices.errors)")
      let xla = ["--xla", "--plugin", Self.plugin!]
      // The plugin is not of the kind that is asked for.
      expectRefusal(
        try train(data, model, "--device", "cuda", "--plugin", Self.plugin!), "platform cpu", "--device cuda")
      let trained = try vnet(
        [
          "train", "--data-dir", data, "--model-dir", model, "--epochs", "1", "--batch-size", "1",
          "--devices", "2",
        ]
          + Self.small + xla)
      #expect(trained.status == 0 && trained.output.contains("2 x cpu"), "\(trained.errors)")
      let predict = ["predict", "--model-dir", model, "--input", data + "/imagesTs", "--output"]
      for (name, options) in [("xla", xla), ("cpu", ["--device", "cpu"])] {
        let predicted = try vnet(predict + [folder + "/" + name] + options)
        #expect(predicted.status == 0, "\(predicted.errors)")
        #expect(try files(folder + "/" + name).count == 2)
      }
    }
  }

  @Test func devicesThatCannotBeAreSaidInOneSentence() throws {
    try withFolder { folder in
      let (data, model) = (try phantom(folder), folder + "/model")
      expectRefusal(
        try train(data, model, "--device", "cuda", "--plugin", "/etc/passwd"), "/etc/passwd", "--plugin")
      expectRefusal(try train(data, model, "--device", "cpu", "--devices", "2"), "--devices", "mpirun")
      expectRefusal(try train(data, model, "--device", "cpu", "--plugin", "x.so"), "--plugin", "--device cpu")
      expectRefusal(
        try vnet("evaluate", "--data-dir", data, "--model-dir", model, "--devices", "2"), "--devices")
      #expect(!FileManager.default.fileExists(atPath: model))
    }
  }

  @Test(arguments: ["accurate", "hippocampus"])
  func batchesAreTimed(_ preset: String) throws {
    let run = try vnet(
      "benchmark", "--mode", "batches", "--preset", preset, "--input-shape", "16", "16", "16", "--steps",
      "2", "--warmup-steps", "0", "--json", "-")
    #expect(run.status == 0 && run.output.contains("\"mode\":\"batches\""), "\(run.errors)")
  }

  @Test func stepsStandBesideTheirBounds() throws {
    let small = [
      "benchmark", "--mode", "roofline", "--steps", "1", "--warmup-steps", "0", "--input-shape", "16", "16",
      "16",
    ]
    let run = try vnet(small + ["--device", "cpu"])
    #expect(run.status == 0 && run.output.contains("GB/s") && run.output.contains("share"), "\(run.errors)")
    #expect(run.output.contains("convolution"), "\(run.output)")
    let json = try vnet(small + ["--device", "cpu", "--json", "-"])
    #expect(json.output.contains("\"bytesPerSecond\":"), "\(json.errors)")
    expectRefusal(try vnet(small + ["--operations"]), "--operations", "roofline")
  }

  /// Folds are trained, measured out of fold, and predict together.
  @Test func crossValidation() throws {
    try withFolder { folder in
      let data = try phantom(folder)
      let model = folder + "/model"
      let arguments = [
        "train", "--data-dir", data, "--model-dir", model, "--preset", "accurate", "--steps-per-epoch", "2",
        "--filters", "4",
        "--input-shape", "16", "24", "16", "--batch-size", "2", "--epochs", "1", "--folds", "2", "--with",
        "elastic", "low-resolution", "histogram-matching", "inverted-gamma", "--without", "blur",
      ]
      let trained = try vnet(arguments + ["--fold", "0"])
      #expect(trained.status == 0, "\(trained.errors)")
      let evaluate = ["evaluate", "--data-dir", data, "--model-dir", model]
      let half = try vnet(evaluate)
      #expect(half.status == 0 && half.errors.contains("fold-1: this fold is not trained"), "\(half.errors)")
      #expect(half.output.contains("other folds' cases choose (fold-0: no class)"), "\(half.output)")
      // A fold that has not begun takes the options of one that has.
      let resumed = try vnet(Array(arguments.prefix(5)) + ["--folds", "2", "--resume"])
      #expect(resumed.status == 0 && resumed.output.contains("trained already"), "\(resumed.errors)")
      #expect(resumed.output.contains("fold 1 of 2") && resumed.output.contains("patches    16 x 24 x 16"))

      let evaluated = try vnet(evaluate)
      #expect(evaluated.status == 0 && evaluated.errors.isEmpty, "\(evaluated.errors)")
      #expect(evaluated.output.contains("out of fold, 6 cases") && evaluated.output.contains("NSD 1 mm"))
      #expect(evaluated.output.contains("nested: in the figures of a fold"), "\(evaluated.output)")
      let written = try String(contentsOfFile: model + "/evaluation.json", encoding: .utf8)
      #expect(written.contains("\"keep_largest_by_fold\"") && written.contains("\"fold-1\""))
      let report = try String(contentsOfFile: model + "/report.html", encoding: .utf8)
      #expect(report.contains("chosen by the other folds"))
      #expect(report.components(separatedBy: "<figure class=\"viewer\"").count == 1 + 3)
      #expect(report.contains("fold 0") && report.contains("the median of 6 cases"))
      expectRefusal(try vnet(evaluate + ["--split", "all"]), "--split all")
      #expect(
        try files(model) == [
          "cases.csv", "config.yaml", "evaluation.json", "fold-0", "fold-1", "postprocessing.json",
          "report.html",
        ])
      let table = try String(contentsOfFile: model + "/cases.csv", encoding: .utf8)
      #expect(table.components(separatedBy: "\r\n").count == 1 + 6 * 2 + 1)

      let masks = folder + "/masks"
      let predicted = try vnet(
        "predict", "--model-dir", model, "--input", data + "/imagesTs", "--output", masks, "--tta",
        "--timings")
      #expect(predicted.status == 0, "\(predicted.errors)")
      #expect(predicted.errors.contains("timings reading ") && predicted.errors.contains("writing "))
      #expect(!predicted.errors.contains("measuring "))
      #expect(try files(masks).count == 2)
      let several = try vnet(
        "predict", "--model-dir", model + "/fold-0", model + "/fold-1", "--input", data + "/imagesTs",
        "--output", folder + "/others", "--keep-largest", "Anterior")
      #expect(several.status == 0, "\(several.errors)")
      let unknown = try vnet(
        "predict", "--model-dir", model, "--input", data + "/imagesTs", "--output", masks, "--keep-largest",
        "Middle")
      expectRefusal(unknown, "--keep-largest Middle", "Anterior")
    }
  }

  /// Scans that are mirrored or turned mean nothing to a model that saw none.
  @Test func testTimeAugmentationIsForModelsThatTrainedWithIt() throws {
    try withFolder { folder in
      let data = try phantom(folder)
      let patches = try vnet(
        "train", "--data-dir", data, "--model-dir", folder + "/patches", "--preset", "accurate",
        "--steps-per-epoch", "2", "--filters",
        "2", "--input-shape", "16", "16", "16", "--batch-size", "2", "--epochs", "1", "--without", "flip",
        "rotation")
      #expect(patches.status == 0, "\(patches.errors)")
      #expect(try train(data, folder + "/grids", "--epochs", "1").status == 0)
      for model in ["/patches", "/grids"] {
        let predicted = try vnet(
          "predict", "--model-dir", folder + model, "--input", data + "/imagesTs", "--output",
          folder + "/masks", "--tta")
        expectRefusal(predicted, folder + model, "--tta", "--augment")
        let evaluated = try vnet("evaluate", "--data-dir", data, "--model-dir", folder + model, "--tta")
        expectRefusal(evaluated, folder + model, "--tta")
      }
      #expect(!FileManager.default.fileExists(atPath: folder + "/masks"))
    }
  }

  /// What is planned for thick slices, two channels and three classes trains and predicts as it is.
  @Test func patchesArePlannedForOtherData() throws {
    try withFolder { folder in
      let data = try phantom(folder, "--channels", "2", "--classes", "3", "--spacing", "1", "1", "4")
      let model = folder + "/model"
      let trained = try vnet(
        "train", "--data-dir", data, "--model-dir", model, "--preset", "accurate", "--steps-per-epoch", "2",
        "--filters", "2",
        "--epochs",
        "1", "--memory-budget", "0.02", "--evaluate", "--predict")
      #expect(trained.status == 0, "\(trained.errors)")
      #expect(trained.output.contains("spacing    1 x 1 x 4 mm"), "\(trained.output)")
      #expect(trained.output.contains("x 8, batches of") && trained.output.contains("foreground intensities"))
      #expect(try files(model + "/predictions").count == 2)
      let bad = try vnet("phantom", "--output", folder + "/none", "--spacing", "1", "1", "0")
      expectRefusal(bad, "1.0 1.0 0.0")
    }
  }

  /// Where the CPU has no fast half precision, the command says so and runs float32: the files fit all the same.
  @Test func mixedPrecisionModelsRunEitherWay() throws {
    try withFolder { folder in
      let data = try phantom(folder)
      let model = folder + "/model"
      let trained = try train(data, model, "--epochs", "1", "--amp", "--loss-scale", "dynamic")
      #expect(trained.status == 0, "\(trained.errors)")
      #expect(trained.output.contains("(--amp)"), "\(trained.output)")
      let wide = try vnet("evaluate", "--data-dir", data, "--model-dir", model, "--json", "-")
      let half = try vnet("evaluate", "--data-dir", data, "--model-dir", model, "--json", "-", "--amp")
      #expect(wide.status == 0 && half.status == 0, "\(wide.errors)\(half.errors)")
      let resumed = try vnet(
        "train", "--data-dir", data, "--model-dir", model, "--epochs", "2", "--resume", "--no-amp")
      #expect(resumed.status == 0 && resumed.output.contains("float32 (--no-amp)"), "\(resumed.errors)")
      let scaled = try vnet(
        "train", "--data-dir", data, "--model-dir", model, "--epochs", "3", "--resume", "--amp",
        "--loss-scale", "8")
      #expect(scaled.status == 0, "\(scaled.errors)")
    }
  }

  @Test(arguments: ["hippocampus", "milletari", "unpadded", "accurate", "fast"])
  func inspectDescribesPresets(_ preset: String) throws {
    let run = try vnet("inspect", "--preset", preset)
    #expect(run.status == 0 && run.output.contains("parameters"))
    let plan = try vnet("inspect", "--preset", "hippocampus", "--filters", "4", "--plan")
    #expect(plan.status == 0 && plan.output.contains("arena") && !plan.output.contains("bound"))
    let graph = try vnet("inspect", "--preset", "hippocampus", "--filters", "4", "--graph")
    #expect(graph.status == 0 && graph.output.contains("convolution"))
  }

  /// More threads than any machine here has: nothing is measured on them.
  @Test func inspectTellsHowFarThreadsCouldShareAStep() throws {
    let run = try vnet(
      "inspect", "--preset", "hippocampus", "--filters", "4", "--input-shape", "16", "16", "16", "--plan",
      "--threads", "64")
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    let line = try #require(
      run.output.split(separator: "\n").first { $0.hasPrefix("bound of the whole plan ") })
    let bound = try #require(Double(line.split(separator: " ").last!))
    #expect(bound > 1.0 / 64 && bound < 0.9)
  }

  // MARK: Bad input

  @Test func missingAndWrongPaths() throws {
    try withFolder { folder in
      expectRefusal(try train(folder + "/none", folder + "/m"), "no such folder", "vnet help data")
      expectRefusal(try vnet("inspect", folder + "/none"), "no such file")
      expectRefusal(
        try vnet("predict", "--model-dir", folder, "--input", folder, "--output", folder + "/o"), "no scan")
      let data = try phantom(folder)
      expectRefusal(
        try vnet("evaluate", "--data-dir", data, "--model-dir", folder + "/none"), "no such folder")
      expectRefusal(
        try vnet("evaluate", "--data-dir", data, "--model-dir", folder), "no trained model")
      #expect(try files(folder) == ["data"])
    }
  }

  @Test func wrongOptions() throws {
    try withFolder { folder in
      let data = try phantom(folder)
      let model = folder + "/m"
      let shape = try vnet(
        "train", "--data-dir", data, "--model-dir", model, "--input-shape", "30", "32", "32")
      expectRefusal(shape, "--input-shape 30 32 32", "24 32 32", "32 32 32")
      expectRefusal(try train(data, model, "--batch-size", "0"), "--batch-size")
      expectRefusal(try train(data, model, "--base-lr", "-1"), "--base-lr")
      expectRefusal(try train(data, model, "--train-split", "1.5"), "--train-split")
      expectRefusal(try train(data, model, "--clip-norm", "zero"), "--clip-norm")
      expectRefusal(try train(data, model, "--optimizer", "magic"), "--optimizer")
      expectRefusal(try train(data, model, "--checkpoint-every", "soon"), "--checkpoint-every")
      expectRefusal(try train(data, model, "--keep", "-1"), "--keep")
      expectRefusal(try train(data, model, "--patience", "0"), "--patience")
      expectRefusal(try train(data, model, "--patience", "2", "--train-split", "1"), "--patience")
      expectRefusal(try train(data, model, "--fold", "1"), "--folds")
      expectRefusal(try train(data, model, "--folds", "5", "--fold", "5"), "--fold 5", "0 to 4")
      expectRefusal(try train(data, model, "--without", "flip"), "--preset accurate")
      expectRefusal(try train(data, model, "--with", "magic"), "--with")
      expectRefusal(try train(data, model, "--folds", "7"), "folds", "2 to 6")
      #expect(try files(folder) == ["data"])
    }
  }

  @Test func anotherNetworkIsChosenByItsName() throws {
    let network = ["inspect", "--network", "residual-unet", "--filters", "2", "--stages", "3"]
    let described = try vnet(network + ["--tensors"])
    #expect(described.status == 0, "\(described.errors)")
    #expect(
      described.output.contains("residual-unet") && described.output.contains("decoder1/upsample/kernel"))
    let graph = try vnet(network + ["--graph", "--deep-supervision"])
    #expect(graph.status == 0 && graph.output.contains("decoder1/logits/kernel"), "\(graph.errors)")
    let plan = try vnet(network + ["--plan"])
    #expect(plan.status == 0 && plan.output.contains("peak memory"), "\(plan.errors)")
    let layers = ["--normalization-layer", "instance-norm", "--activation", "leaky-relu"]
    #expect(
      try vnet(["inspect", "--preset", "accurate"] + layers).output.contains("leaky-relu, instance-norm"))

    expectRefusal(try vnet(network + ["--pooling", "conv"]), "--pooling", "--network vnet")
    expectRefusal(
      try vnet("inspect", "--preset", "accurate", "--deep-supervision"), "--deep-supervision",
      "--network residual-unet")
    expectRefusal(try vnet(network + ["--blocks", "1", "2"]), "--blocks", "--stages")
    expectRefusal(try vnet("inspect", "--network", "residual-unet", "--stages", "9"), "--stages 9", "2 to 7")
    expectRefusal(try vnet("inspect"), "--preset", "--network")
  }

  @Test func resumeRefusesOtherOptions() throws {
    try withFolder { folder in
      let data = try phantom(folder)
      #expect(try train(data, folder + "/m", "--epochs", "1").status == 0)
      expectRefusal(try train(data, folder + "/m", "--epochs", "2"), "--resume")
      let other = try vnet(
        "train", "--data-dir", data, "--model-dir", folder + "/m", "--epochs", "2", "--resume", "--optimizer",
        "sgd")
      expectRefusal(other, "--optimizer sgd", "rmsprop")
    }
  }

  @Test func damagedScansDoNotStopTheOthers() throws {
    try withFolder { folder in
      let data = try phantom(folder)
      #expect(try train(data, folder + "/m", "--epochs", "1").status == 0)
      let scans = data + "/imagesTs"
      let first = scans + "/" + (try files(scans))[0]
      let bytes = try Data(contentsOf: URL(fileURLWithPath: first))
      try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: first))
      let run = try vnet("predict", "--model-dir", folder + "/m", "--input", scans, "--output", folder + "/o")
      expectRefusal(run, first)
      #expect(try files(folder + "/o").count == 1)
      let verified = try vnet("verify", "--data-dir", data)
      #expect(verified.status == 1 && verified.output.contains(first))
      let overwriting = try vnet("predict", "--model-dir", folder + "/m", "--input", scans, "--output", scans)
      expectRefusal(overwriting, "--output")
    }
  }
}
