import Foundation
import Testing

/// How trainings end before their last epoch, and go on.
@Suite(.serialized) struct StoppingTests {
  private let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  @Test func resumeBeginsGoesOnAndLeavesWhatIsDone() throws {
    let data = try sandbox.phantom()
    let (model, begun) = try sandbox.train(data, "--resume")
    #expect(begun.status == 0 && begun.errors.contains("the training begins"), "\(begun.errors)")
    let resume = ["train", "--data-dir", data, "--model-dir", model, "--resume"]
    let goneOn = try sandbox.vnet(resume + ["--epochs", "2"])
    #expect(goneOn.status == 0 && goneOn.output.contains("going on after epoch 1"), "\(goneOn.errors)")
    let weights = try Data(contentsOf: URL(fileURLWithPath: model + "/last.safetensors"))
    for epochs in ["2", "1"] {
      let done = try sandbox.vnet(resume + ["--epochs", epochs])
      #expect(done.status == 0 && done.output.contains("trained already"), "\(done.errors)")
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: model + "/last.safetensors")) == weights)
  }

  @Test func aTrainedModelIsEvaluatedAndPredictsAgain() throws {
    let data = try sandbox.phantom()
    let (model, trained) = try sandbox.train(data)
    #expect(trained.status == 0, "\(trained.errors)")
    let run = try sandbox.vnet(
      "train", "--data-dir", data, "--model-dir", model, "--resume", "--evaluate", "--predict")
    #expect(run.status == 0 && run.output.contains("nothing is left to do"), "\(run.errors)")
    #expect(run.output.contains("report \(model)/report.html"))
    #expect(try sandbox.files(model + "/predictions").count == 2)
  }

  @Test func aFileNamedStopEndsAfterTheEpoch() throws {
    let data = try sandbox.phantom()
    let model = sandbox.path + "/model"
    try FileManager.default.createDirectory(atPath: model, withIntermediateDirectories: true)
    try Data().write(to: URL(fileURLWithPath: model + "/stop"))
    let stopped = try sandbox.train(data, "--epochs", "3").run
    #expect(stopped.status == 0 && stopped.output.contains("after epoch 1"), "\(stopped.errors)")
    #expect(stopped.output.contains("--resume"))
    #expect(!FileManager.default.fileExists(atPath: model + "/stop"))
    let resumed = try sandbox.vnet("train", "--data-dir", data, "--model-dir", model, "--resume")
    #expect(resumed.status == 0 && resumed.output.contains("epoch 3/3"), "\(resumed.errors)")
  }

  /// With a rate of nothing no epoch is better than the first.
  @Test func patienceEndsWhereNothingGetsBetter() throws {
    let data = try sandbox.phantom()
    let rate = ["--base-lr", "1e-30", "--optimizer", "sgd"]
    let model = sandbox.path + "/model"
    let train = [
      "train", "--data-dir", data, "--model-dir", model, "--filters", "4", "--input-shape", "16", "16", "16",
      "--normalization-layer", "none", "--epochs", "9", "--patience", "2",
    ]
    let stopped = try sandbox.vnet(train + rate)
    #expect(stopped.status == 0 && stopped.output.contains("no epoch since 1"), "\(stopped.errors)")
    #expect(stopped.output.contains("after epoch 3"), "\(stopped.output)")
    #expect(stopped.output.contains("best.safetensors (epoch 1, soft Dice"), "\(stopped.output)")
    #expect(stopped.output.contains("take the last unless given --checkpoint best"))
    let resumed = try sandbox.vnet(train + ["--resume"])
    #expect(resumed.status == 0 && resumed.output.contains("trained already"), "\(resumed.errors)")
  }

  @Test func interruptionTellsHowToGoOn() throws {
    let data = try sandbox.phantom()
    let path = sandbox.path + "/m/last.safetensors"
    let (process, errors) = try interrupted(
      [
        "train", "--data-dir", data, "--model-dir", sandbox.path + "/m", "--filters", "4", "--input-shape",
        "16", "16", "16", "--epochs", "100000",
      ], onceThereIs: path)
    #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGINT)
    #expect(errors.contains("--resume goes on"), "\(errors)")
  }

  /// The scan under way is finished, and the tables have what is done.
  @Test func anInterruptedPredictionWritesTables() throws {
    let data = try sandbox.phantom()
    let (model, trained) = try sandbox.train(data)
    #expect(trained.status == 0, "\(trained.errors)")
    let (scans, masks, table) = (sandbox.path + "/scans", sandbox.path + "/masks", sandbox.path + "/v.csv")
    let scan = data + "/imagesTs/" + (try sandbox.files(data + "/imagesTs"))[0]
    try FileManager.default.createDirectory(atPath: scans, withIntermediateDirectories: true)
    for index in 0..<400 {
      try FileManager.default.linkItem(atPath: scan, toPath: "\(scans)/scan\(1000 + index).nii.gz")
    }
    let predict = [
      "predict", "--model-dir", model, "--input", scans, "--output", masks, "--volumes", table, "--preview",
    ]
    let (process, errors) = try interrupted(predict, onceThereIs: masks + "/scan1002.nii.gz")
    #expect(process.terminationReason == .exit && process.terminationStatus == 130, "\(errors)")
    #expect(errors.contains("--skip-existing goes on"), "\(errors)")
    let done = try sandbox.files(masks).filter { $0.hasSuffix(".nii.gz") }.count
    #expect(done >= 3 && done < 400)
    #expect(try sandbox.text(table).split(separator: "\r\n").count == 1 + 2 * done)
    #expect(try sandbox.text(masks + "/previews/index.html").contains("\(done) scans"))
  }

  /// Runs a command, presses Ctrl-C once a file is there, and returns what ended and what it said.
  private func interrupted(
    _ arguments: [String], onceThereIs path: String
  ) throws -> (process: Process, errors: String) {
    let process = Process()
    process.executableURL = Bundle.module.bundleURL.deletingLastPathComponent().appendingPathComponent("vnet")
    process.arguments = arguments
    let errors = Pipe()
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    // The program inherits what becomes of Ctrl-C: behind a shell's & it is ignored, on a thread of a queue it is blocked.
    let before = signal(SIGINT, SIG_DFL)
    var interrupt = sigset_t()
    sigemptyset(&interrupt)
    sigaddset(&interrupt, SIGINT)
    pthread_sigmask(SIG_UNBLOCK, &interrupt, nil)
    try process.run()
    signal(SIGINT, before)
    defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
    for _ in 0..<6000 where !FileManager.default.fileExists(atPath: path) { usleep(10_000) }
    process.interrupt()
    for _ in 0..<600 where process.isRunning { usleep(100_000) }
    try #require(!process.isRunning)
    return (process, String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self))
  }
}
