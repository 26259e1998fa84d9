import Foundation
import Testing
import Training

/// The `vnet` command under mpirun, as a user meets it.
@Suite(.serialized, .enabled(if: MPIRun.command != nil, MPIRun.skipReason)) struct ReplicatedCommandTests {
  private static let small = [
    "--filters", "4", "--input-shape", "16", "16", "16", "--exact-convolution", "--threads", "1",
  ]

  /// One epoch is one step, with or without replicas: 7 training cases.
  private static let wholeBatch =
    small + [
      "--train-split", "0.78", "--optimizer", "sgd", "--base-lr", "0.1", "--normalization-layer", "none",
      "--log-every", "1",
    ]

  private func vnet(_ arguments: String...) throws {
    let process = Process()
    process.executableURL = MPIRun.programs.appendingPathComponent("vnet")
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(arguments)")
  }

  /// Runs `body` with the folder of a phantom of 9 labelled cases; `model` and other folders may be made beside it.
  private func withPhantom(_ body: (_ folder: String) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    try vnet("phantom", "--output", url.path + "/data", "--cases", "9", "--test-cases", "3", "--seed", "1")
    try body(url.path)
  }

  private func train(_ folder: String, _ model: String, ranks: Int, _ options: [String]) throws
    -> MPIRun.Result
  {
    try MPIRun.run(
      ranks, "vnet", ["train", "--data-dir", folder + "/data", "--model-dir", "\(folder)/\(model)"] + options)
  }

  private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

  /// The numbers of one name in a log, in their order.
  private func numbers(_ name: String, _ path: String) throws -> [Double] {
    try String(contentsOfFile: path + "/log.jsonl", encoding: .utf8).split(separator: "\n").compactMap {
      line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
      let data = (object as? [String: Any])?["data"] as? [String: Any]
      return data?[name] as? Double
    }
  }

  @Test(arguments: [2, 3])
  func replicasLearnWhatOneProcessLearns(_ ranks: Int) throws {
    try withPhantom { folder in
      let options = Self.wholeBatch + ["--epochs", "4"]
      let one = try train(folder, "one", ranks: 1, options + ["--batch-size", "7"])
      #expect(one.status == 0, "\(one.errors)")
      // Shares of 4 and 3, or of 3, 2 and 2 cases.
      let shared = try train(folder, "shared", ranks: ranks, options + ["--batch-size", "4"])
      #expect(shared.status == 0, "\(shared.errors)")
      for name in ["loss", "gradient_norm", "train_loss", "validation_dice_Anterior"] {
        let expected = try numbers(name, folder + "/one")
        let found = try numbers(name, folder + "/shared")
        #expect(found.count == 4 && expected.count == 4)
        for (a, b) in zip(found, expected) { #expect(abs(a - b) <= 1e-5 * abs(b), "\(name)") }
      }
    }
  }

  /// With batch norm, whose statistics are averaged, flips, and a last batch that one rank lacks.
  @Test(arguments: [2, 3])
  func resumedEqualsUninterrupted(_ ranks: Int) throws {
    try withPhantom { folder in
      let options =
        Self.small + ["--train-split", "0.78", "--batch-size", "3", "--augment", "--optimizer", "adam"]
      #expect(try train(folder, "whole", ranks: ranks, options + ["--epochs", "3"]).status == 0)
      #expect(try train(folder, "parts", ranks: ranks, options + ["--epochs", "2"]).status == 0)
      let resumed = try train(
        folder, "parts", ranks: ranks, ["--resume", "--epochs", "3", "--exact-convolution", "--threads", "1"])
      #expect(resumed.status == 0, "\(resumed.errors)")
      #expect(try numbers("train_loss", folder + "/parts") == numbers("train_loss", folder + "/whole"))
      #expect(
        try numbers("validation_dice_Anterior", folder + "/parts")
          == numbers("validation_dice_Anterior", folder + "/whole"))
      #expect(try tensors(folder + "/parts") == tensors(folder + "/whole"))
    }
  }

  /// The first process holds the folder for all, and is refused for all.
  @Test func aFolderThatAnotherTrainsIntoIsRefused() throws {
    try withPhantom { folder in
      try FileManager.default.createDirectory(atPath: folder + "/m", withIntermediateDirectories: true)
      let namespace = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
      let lock =
        "{\"pid\":\(getpid()),\"host\":\"\(ProcessInfo.processInfo.hostName)\",\"pidNamespace\":\"\(namespace)\","
        + "\"since\":\"today\"}"
      try Data(lock.utf8).write(to: URL(fileURLWithPath: folder + "/m/training.lock"))
      let run = try train(folder, "m", ranks: 2, Self.small + ["--epochs", "1"])
      #expect(
        run.status != 0 && run.errors.contains("/m/training.lock: process \(getpid())"), "\(run.errors)")
    }
  }

  @Test func optionsOfSeveralProcesses() throws {
    try withPhantom { folder in
      let options =
        Self.small + [
          "--base-lr", "0.001", "--batch-size", "2", "--log-every", "1", "--compress-gradients", "bf16",
        ]
      let run = try train(folder, "m", ranks: 2, options + ["--scale-lr", "--epochs", "1"])
      #expect(run.status == 0, "\(run.errors)")
      let rates = try numbers("learning_rate", folder + "/m")
      #expect(!rates.isEmpty && rates.allSatisfy { abs($0 - 0.002) < 1e-9 }, "\(rates)")
      #expect(run.errors.contains("2 processes are joined by /") && run.errors.contains("libmpi.so.40"))
      #expect(!FileManager.default.fileExists(atPath: folder + "/m/training.lock"))
      let other = try train(
        folder, "m", ranks: 2,
        ["--resume", "--epochs", "2", "--compress-gradients", "fp16", "--threads", "1"])
      #expect(other.status != 0 && other.errors.contains("--compress-gradients fp16"), "\(other.errors)")
    }
  }

  /// Three equal training cases, weights that hardly move, batches of one: rank 0 takes two steps, rank 1 one and is
  /// idle in the other. Their moving statistics are averaged: those after one step and after two of one process.
  @Test func movingStatisticsAreAveraged() throws {
    try withPhantom { folder in
      for kind in ["images", "labels"] {
        let path = "\(folder)/data/\(kind)Tr"
        let files = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        for file in files.dropFirst() {
          try bytes("\(path)/\(files[0])").write(to: URL(fileURLWithPath: "\(path)/\(file)"))
        }
      }
      let options = Self.small + ["--optimizer", "sgd", "--base-lr", "1e-12", "--batch-size", "1"]
      for (name, ranks, split, epochs) in [
        ("1", 1, "0.1", "1"), ("2", 1, "0.1", "2"), ("shared", 2, "0.33", "1"),
      ] {
        let run = try train(
          folder, name, ranks: ranks, options + ["--train-split", split, "--epochs", epochs])
        #expect(run.status == 0, "\(run.errors)")
      }
      let (first, second) = (try tensors(folder + "/1"), try tensors(folder + "/2"))
      let shared = try tensors(folder + "/shared")
      let statistics = shared.keys.filter { $0.hasSuffix("/norm/mean") || $0.hasSuffix("/norm/variance") }
      #expect(statistics.count > 20)
      for name in statistics {
        for (found, ends) in zip(shared[name]!, zip(first[name]!, second[name]!)) {
          let expected = (ends.0 + ends.1) / 2
          #expect(abs(found - expected) <= 1e-5 * max(0.01, abs(expected)), "\(name)")
        }
      }
    }
  }

  private func tensors(_ model: String) throws -> [String: [Float]] {
    try SafetensorsFile(contentsOf: model + "/last.safetensors").tensors.mapValues { try $0.floats() }
  }

  /// With as many threads each, whichever way convolutions are computed: the same bits.
  @Test(arguments: [["--exact-convolution"], []])
  func evaluatesAndPredictsAsOneProcess(_ convolution: [String]) throws {
    try withPhantom { folder in
      #expect(try train(folder, "model", ranks: 2, Self.small + ["--epochs", "1"]).status == 0)
      let model = ["--model-dir", folder + "/model", "--threads", "1"] + convolution
      for ranks in [1, 2] {
        let evaluated = try MPIRun.run(
          ranks, "vnet",
          ["evaluate", "--data-dir", folder + "/data", "--split", "all", "--json", "\(folder)/\(ranks).json"]
            + model)
        #expect(evaluated.status == 0, "\(evaluated.errors)")
        let predicted = try MPIRun.run(
          ranks, "vnet",
          [
            "predict", "--input", folder + "/data/imagesTs", "--output", "\(folder)/masks\(ranks)",
            "--probabilities",
          ]
            + model)
        #expect(predicted.status == 0, "\(predicted.errors)")
        // A line for each mask, one for all, and the next step.
        #expect(predicted.output.split(separator: "\n").count == 5)
      }
      #expect(try undated(folder + "/1.json") == undated(folder + "/2.json"))
      let masks = try FileManager.default.contentsOfDirectory(atPath: folder + "/masks1")
      #expect(masks.count == 6)
      for mask in masks {
        #expect(try bytes("\(folder)/masks1/\(mask)") == bytes("\(folder)/masks2/\(mask)"))
      }
    }
  }

  /// The lines of an evaluation but that of its date.
  private func undated(_ path: String) throws -> [Substring] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").filter {
      !$0.contains("\"date\"")
    }
  }

  /// A case that one process cannot read is left out for all, and the job fails when the others are done.
  @Test func aBadCaseDoesNotStopTheOthers() throws {
    try withPhantom { folder in
      #expect(try train(folder, "model", ranks: 1, Self.small + ["--epochs", "1"]).status == 0)
      let masks = folder + "/data/labelsTr"
      let bad = masks + "/" + (try FileManager.default.contentsOfDirectory(atPath: masks).sorted()[1])
      try Data("no mask".utf8).write(to: URL(fileURLWithPath: bad))
      let run = try MPIRun.run(
        2, "vnet",
        [
          "evaluate", "--data-dir", folder + "/data", "--split", "all", "--model-dir", folder + "/model",
          "--exact-convolution", "--threads", "1",
        ])
      #expect(run.status != 0 && run.errors.contains(bad), "\(run.errors)")
      #expect(run.output.contains("over 8 cases; 1 left out"), "\(run.output)")
    }
  }

  /// The first process's model serves all; the others' folders hold none.
  @Test func theModelIsTheFirstProcesss() throws {
    try withPhantom { folder in
      let empty = folder + "/empty"
      try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
      let patches = [
        "--preset", "accurate", "--steps-per-epoch", "2", "--filters", "2", "--input-shape", "16", "24", "16",
        "--batch-size", "2",
      ]
      let folds = patches + ["--epochs", "1", "--folds", "2", "--threads", "1"]
      let trained = try train(folder, "model", ranks: 1, folds)
      #expect(trained.status == 0, "\(trained.errors)")
      for command in [
        ["evaluate", "--data-dir", folder + "/data"],
        ["predict", "--input", folder + "/data/imagesTs", "--output", folder + "/masks"],
      ] {
        let arguments = [vnetPath()] + command + ["--model-dir", "model", "--threads", "1"]
        let run = try MPIRun.run(
          ["-np", "1", "--wdir", folder] + arguments + [":", "-np", "1", "--wdir", empty] + arguments)
        #expect(run.status == 0, "\(run.errors)")
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/masks").count == 3)
      #expect(try FileManager.default.contentsOfDirectory(atPath: empty).isEmpty)
    }
  }

  // MARK: What goes wrong

  /// A scan that cannot be predicted fails the job on all processes, with another fold still to train.
  @Test func aDamagedScanEndsTheJob() throws {
    try withPhantom { folder in
      let scans = folder + "/data/imagesTs"
      let first = scans + "/" + (try FileManager.default.contentsOfDirectory(atPath: scans).sorted()[0])
      try Data("no scan".utf8).write(to: URL(fileURLWithPath: first))
      let run = try train(
        folder, "model", ranks: 2, Self.small + ["--epochs", "1", "--folds", "2", "--predict"])
      #expect(run.status != 0 && run.seconds < 60)
      #expect(run.errors.contains(first) && !run.output.contains("fold 1 of 2"), "\(run.errors)")
    }
  }

  private func vnetPath() -> String { MPIRun.programs.appendingPathComponent("vnet").path }

  @Test func otherOptionsAreRefused() throws {
    try withPhantom { folder in
      let options = ["train", "--data-dir", folder + "/data", "--model-dir", folder + "/model"] + Self.small
      let run = try MPIRun.run(
        ["-np", "1", vnetPath()] + options + ["--seed", "1", ":", "-np", "1", vnetPath()] + options
          + ["--seed", "2"])
      #expect(run.status != 0 && run.seconds < 20)
      #expect(run.errors.contains("rank 1 differs from rank 0 in: command line"), "\(run.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder + "/model"))
    }
  }

  /// Each process in a folder of its own, where one path leads to different data.
  @Test func otherDataAreRefused() throws {
    try withPhantom { folder in
      for name in ["a", "b"] {
        try FileManager.default.createDirectory(
          atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        try vnet(
          "phantom", "--output", "\(folder)/\(name)/data", "--cases", "4", "--seed", name == "a" ? "1" : "2")
      }
      let options = ["train", "--data-dir", "data", "--model-dir", "model"] + Self.small
      let run = try MPIRun.run(
        ["-np", "1", "--wdir", folder + "/a", vnetPath()] + options
          + [":", "-np", "1", "--wdir", folder + "/b", vnetPath()] + options)
      #expect(run.status != 0 && run.seconds < 20)
      #expect(run.errors.contains("rank 1 differs from rank 0 in: data set"), "\(run.errors)")
    }
  }

  /// An error that all meet is printed once, one that only some meet with their rank.
  @Test func errorsNameTheirRank() throws {
    try withPhantom { folder in
      let all = try train(folder, "model", ranks: 2, ["--batch-size", "0"])
      #expect(all.status != 0 && all.seconds < 20)
      #expect(all.errors.components(separatedBy: "Error: --batch-size 0").count == 2, "\(all.errors)")
      try FileManager.default.createDirectory(atPath: folder + "/empty", withIntermediateDirectories: true)
      let options = ["train", "--data-dir", "data", "--model-dir", "model"] + Self.small
      let one = try MPIRun.run(
        ["-np", "1", "--wdir", folder, vnetPath()] + options
          + [":", "-np", "1", "--wdir", folder + "/empty", vnetPath()] + options)
      #expect(one.status != 0 && one.seconds < 20)
      #expect(one.errors.contains("rank 1 of 2: Error: "), "\(one.errors)")
      #expect(one.errors.contains("data: there is no such folder"), "\(one.errors)")
    }
  }

  @Test func aKilledRankEndsTheJob() throws {
    try withPhantom { folder in
      // The second process kills its shell's child, itself, a second after the first epoch's checkpoint, however long a
      // busy machine takes until then; a job that hung would go on for mpirun's two minutes.
      let options =
        ["train", "--data-dir", folder + "/data", "--model-dir", folder + "/model"] + Self.small
        + ["--epochs", "100000"]
      let wait = "until [ -e \(folder)/model/last.safetensors ]; do sleep 0.1; done; sleep 1"
      let command = "if [ $OMPI_COMM_WORLD_RANK = 1 ]; then (\(wait); kill -9 $$) & fi; exec \"$@\""
      let run = try MPIRun.run(["-np", "2", "sh", "-c", command, "sh", vnetPath()] + options)
      #expect(run.status != 0)
      #expect(run.output.contains("epoch "), "\(run.output)\(run.errors)")
      #expect(run.seconds < 60)
    }
  }

  @Test func moreProcessesThanCasesAreRefused() throws {
    try withPhantom { folder in
      let run = try train(folder, "model", ranks: 3, Self.small + ["--train-split", "0.2"])
      #expect(run.status != 0)
      #expect(run.errors.contains("3 processes cannot share out 2 training cases"), "\(run.errors)")
    }
  }
}
