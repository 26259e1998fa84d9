import ArgumentParser
import Foundation
import Interchange
import PlainText
import Segmentation

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a trained model as one file: for other programs (ONNX), or to share (safetensors).",
    discussion: """
      ONNX holds the prediction network in float32 with batch norms folded, and in its metadata all that a program needs to \
      go from a scan to a mask. safetensors holds the weights that predict, the record of the training, the licence and a model \
      card; predict, evaluate, inspect and train --init-from take it in place of a folder. docs/EXPORT.md describes both.

      vnet export --model-dir model --output model.onnx
      vnet export --model-dir model --output model.safetensors --license CC-BY-4.0
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case onnx
    case safetensors
  }

  @Option(help: "Folder of the model, of a fold of a cross-validation, or a model in one file.")
  var modelDir: String

  @Option(help: "File to write.")
  var output: String

  @Option(help: "Form of the file: onnx or safetensors (by the ending of --output).")
  var format: Format?

  @Option(help: "Which checkpoint: last or best.")
  var checkpoint = CheckpointChoice.last

  @OptionGroup var printing: QuietOption
  @OptionGroup(title: "ONNX") var onnx: ONNXOptions
  @OptionGroup(title: "safetensors") var file: ModelFileOptions

  func run() throws {
    let format = try chosenFormat()
    switch format {
    case .onnx: try file.requireNone()
    case .safetensors: try onnx.requireNone()
    }
    try OutputFile.require(output, of: "--output", endings: [".\(format.rawValue)"])
    let folder = ModelFolder(modelDir)
    if !folder.holdsModel, let fold = folder.folds.first {
      throw ValidationError(
        "--model-dir \(modelDir) is a cross-validation, and one model goes into a file; give one of its folds, such as "
          + "\(fold.path).")
    }
    let source = folder.checkpointPath(checkpoint)
    let model = try Checkpoint(folder, checkpoint)
    let postprocessing = try Postprocessing(folder)
    switch format {
    case .onnx:
      try onnx.export(model, path: source, postprocessing).write(to: output)
    case .safetensors:
      let license = file.license ?? model.notes[ModelNote.license] ?? "not stated"
      let terms = ModelFileExport.Terms(license: license, intendedUse: file.use)
      try ModelFileExport(model, path: source, postprocessing, terms, date: trainingDate(source))
        .write(to: output, as: file.dtype ?? .f32)
    }
    print("\(output): \(summary(of: format, model.record))")
    switch format {
    case .onnx: print(ONNXExample.next(output).printable)
    case .safetensors: suggest("predict", "--model-dir", output, "--input", "scans", "--output", "masks")
    }
  }

  private func chosenFormat() throws -> Format {
    if let format { return format }
    guard let format = Format.allCases.first(where: { output.lowercased().hasSuffix("." + $0.rawValue) })
    else {
      throw ValidationError(
        "--output \(output) ends neither in .onnx nor in .safetensors; name it so, or give --format.")
    }
    return format
  }

  private func trainingDate(_ path: String) -> String {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    guard let date = attributes?[.modificationDate] as? Date else { return "date unknown" }
    return String(ISO8601DateFormatter().string(from: date).prefix(10))
  }

  private func summary(of format: Format, _ record: ModelRecord) -> String {
    let size = (try? FileManager.default.attributesOfItem(atPath: output))?[.size] as? Int ?? 0
    let text = String(format: "%.1f MB", Double(size) / 1e6)
    switch format {
    case .onnx:
      let extents = onnx.isDynamic(for: record) ? "any extents" : "fixed extents"
      return "ONNX, opset \(onnx.opset.version), \(extents), \(text)"
    case .safetensors: return "safetensors, \((file.dtype ?? .f32).rawValue), \(text)"
    }
  }
}

/// Options of ONNX files.
struct ONNXOptions: ParsableArguments {
  @Option(
    name: .customLong("opset"),
    help: ArgumentHelp("Operator set, 13 to 21 (\(ONNXOpset.standard.version)).", valueName: "n"))
  var version: Int?

  @Flag(
    inversion: .prefixedNo,
    help: ArgumentHelp(
      "Leave the scan's extents open; else they are those of the network's input (open where scans keep a grid of their own)."
    ))
  var dynamicShape: Bool?

  func validate() throws {
    try require(version, "--opset", ONNXOpset.supported)
  }

  var opset: ONNXOpset { version.flatMap(ONNXOpset.init) ?? .standard }

  func isDynamic(for record: ModelRecord) -> Bool { dynamicShape ?? (record.preparation.spacing != nil) }

  func export(_ model: Checkpoint, path: String, _ postprocessing: Postprocessing) throws -> ONNXExport {
    try ONNXExport(
      model, path: path, postprocessing, opset: opset, hasDynamicExtents: isDynamic(for: model.record))
  }

  func requireNone() throws {
    let given =
      version != nil ? "--opset" : dynamicShape.map { $0 ? "--dynamic-shape" : "--no-dynamic-shape" }
    if let given { throw ValidationError("\(given) applies with --format onnx only; leave it out.") }
  }
}

/// Options of models in one file.
struct ModelFileOptions: ParsableArguments {
  @Option(help: "Type of the weights: f32, or bf16 for half the size (f32).")
  var dtype: StoredDType?

  @Option(
    help: ArgumentHelp("Terms under which the model may be used, such as CC-BY-4.0.", valueName: "text"))
  var license: String?

  @Option(help: ArgumentHelp("What the model is meant for, for its card.", valueName: "text"))
  var intendedUse: String?

  var use: String { intendedUse ?? "Research. The model is no medical device, and decides on no patient." }

  func requireNone() throws {
    let given = [
      ("--dtype", dtype != nil), ("--license", license != nil), ("--intended-use", intendedUse != nil),
    ].first { $0.1 }
    if let given { throw ValidationError("\(given.0) applies with --format safetensors only; leave it out.") }
  }
}

extension StoredDType: ExpressibleByArgument {}
