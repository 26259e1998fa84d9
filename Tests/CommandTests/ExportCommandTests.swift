import Foundation
import MedicalImaging
import Testing

/// `vnet export`, and what takes a model in one file.
@Suite(.serialized) struct ExportCommandTests {
  private let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  /// A model with an optimiser's state and averages, trained for one epoch.
  private func model(of data: String) throws -> String {
    let (model, run) = try sandbox.train(data, "--optimizer", "adam")
    #expect(run.status == 0, "\(run.errors)")
    return model
  }

  private func masks(_ model: String, _ data: String, _ name: String) throws -> [[UInt8]] {
    let output = "\(sandbox.path)/\(name)"
    let run = try sandbox.vnet(
      "predict", "--model-dir", model, "--input", data + "/imagesTs", "--output", output)
    #expect(run.status == 0, "\(run.errors)")
    return try sandbox.files(output).map { try Image(contentsOf: "\(output)/\($0)").labelVolume().labels }
  }

  private func size(_ path: String) throws -> Int {
    try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
  }

  /// The example lies in the sources, from whose folder it is run, or is installed.
  @Test func theExampleIsNamedWhereItIs() throws {
    let model = try model(of: try sandbox.phantom())
    let script = "$VNET export --model-dir \(model) --output model.onnx"
    let elsewhere = try CommandRun(script: script, in: sandbox.path)
    #expect(elsewhere.status == 0 && !elsewhere.output.contains("python3"), "\(elsewhere.output)")
    #expect(elsewhere.output.contains("next: ") && elsewhere.output.contains("share/doc/vnet/"))
    let examples = sandbox.path + "/examples"
    try FileManager.default.createDirectory(atPath: examples, withIntermediateDirectories: true)
    try Data().write(to: URL(fileURLWithPath: examples + "/onnx_predict.py"))
    let beside = try CommandRun(script: script, in: sandbox.path)
    #expect(beside.output.contains("next: python3 examples/onnx_predict.py model.onnx"), "\(beside.output)")
  }

  @Test func aModelInOneFileStandsForItsFolder() throws {
    let data = try sandbox.phantom()
    let model = try model(of: data)
    let (file, half) = (sandbox.path + "/shared.safetensors", sandbox.path + "/half.safetensors")
    let export = try sandbox.vnet(
      "export", "--model-dir", model, "--output", file, "--license", "CC-BY-4.0", "--intended-use", "Tests.")
    #expect(export.status == 0 && export.output.contains("safetensors, f32"), "\(export.errors)")
    #expect(try size(file) < size(model + "/last.safetensors") / 2)
    #expect(try masks(file, data, "of-file") == masks(model, data, "of-folder"))

    #expect(try sandbox.vnet("export", "--model-dir", file, "--output", half, "--dtype", "bf16").status == 0)
    #expect(try size(half) < size(file) * 3 / 4)
    #expect(try masks(half, data, "of-half").count == 2)
    // A folder names its cases, a file to share does not.
    func names(_ path: String) throws -> Bool {
      let text = String(
        decoding: try Data(contentsOf: URL(fileURLWithPath: path)).prefix(100_000), as: UTF8.self)
      return text.contains("phantom_00")
    }
    #expect(try names(model + "/last.safetensors") && !names(file) && !names(half))

    let inspected = try sandbox.vnet("inspect", file)
    #expect(inspected.status == 0 && inspected.output.contains("CC-BY-4.0"), "\(inspected.errors)")
    let evaluate = ["evaluate", "--data-dir", data, "--model-dir", file]
    let evaluated = try sandbox.vnet(evaluate)
    #expect(evaluated.status == 0 && evaluated.errors.contains("--output"), "\(evaluated.errors)")
    #expect(evaluated.errors.contains("does not name the cases"))
    expectRefusal(try sandbox.vnet(evaluate + ["--checkpoint", "best"]), "--checkpoint")
    expectRefusal(
      try sandbox.vnet("train", "--data-dir", data, "--model-dir", file), "is a file", "--init-from")
  }

  @Test func whatDoesNotApplyIsRefused() throws {
    let data = try sandbox.phantom()
    let model = try model(of: data)
    func export(_ name: String, _ more: String...) throws -> CommandRun {
      try sandbox.vnet(["export", "--model-dir", model, "--output", sandbox.path + "/" + name] + more)
    }
    expectRefusal(try export("model.pt"), ".onnx", "--format")
    expectRefusal(try export("model.onnx", "--dtype", "bf16"), "--dtype")
    expectRefusal(try export("model.safetensors", "--opset", "17"), "--opset")
    expectRefusal(try export("model.onnx", "--opset", "7"), "13 to 21")
    #expect(try export("model.onnx", "--dynamic-shape").output.contains("any extents"))
    #expect(try export("other.onnx").output.contains("fixed extents"))
  }

  private static let python = ProcessInfo.processInfo.environment["VNET_PYTHON"] ?? "python3"

  private static let hasPython =
    (try? CommandRun(
      script: "\(python) -c 'import numpy, scipy, nibabel, onnxruntime'", in: "/tmp"))?.status == 0

  @Test(
    .enabled(
      if: hasPython, "needs Python with numpy, scipy, nibabel and onnxruntime; name it by VNET_PYTHON"),
    arguments: [
      ["--filters", "4", "--input-shape", "16", "16", "16"],
      ["--preset", "accurate", "--filters", "4", "--batch-size", "2", "--orientation", "canonical"],
    ])
  func theExampleReproducesPredictions(_ options: [String]) throws {
    let data = try sandbox.phantom()
    let model = sandbox.path + "/model"
    let trained = try sandbox.vnet(
      ["train", "--data-dir", data, "--model-dir", model, "--epochs", "2"] + options)
    #expect(trained.status == 0, "\(trained.errors)")
    let onnx = sandbox.path + "/model.onnx"
    #expect(try sandbox.vnet("export", "--model-dir", model, "--output", onnx).status == 0)
    let expected = try masks(model, data, "expected")
    let example = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../examples/onnx_predict.py").standardizedFileURL.path
    for (name, expected) in zip(try sandbox.files(data + "/imagesTs"), expected) {
      let mask = sandbox.path + "/found.nii.gz"
      let run = try CommandRun(
        script: "\(Self.python) \(example) \(onnx) \(mask) \(data)/imagesTs/\(name)", in: sandbox.path)
      #expect(run.status == 0, "\(run.errors)")
      let found = try Image(contentsOf: mask).labelVolume().labels
      let differing = zip(found, expected).count { $0 != $1 }
      #expect(
        found.count == expected.count && differing * 10_000 <= found.count, "\(differing) voxels differ")
    }
  }
}
