import CPUBackend
import Foundation
import GraphCases
import SeededRandom
import Testing

/// One model gives one mask, whatever lies in the cache folder.
@Suite(.serialized) struct ReproducibilityTests {
  private static let options = [
    "--preset", "accurate", "--steps-per-epoch", "2", "--filters", "4", "--epochs", "1", "--threads", "2",
    "--device", "cpu",
  ]

  private func vnet(cache: String, _ arguments: [String], _ set: InstructionSet? = nil) throws -> CommandRun {
    var environment = ["XDG_CACHE_HOME": cache]
    if let set { environment["VNET_INSTRUCTION_SET"] = set.rawValue }
    let run = try CommandRun(arguments, environment: environment)
    #expect(run.status == 0, "\(run.errors)")
    return run
  }

  /// The bytes of every file that a prediction writes, by name.
  private func prediction(
    _ folder: String, cache: String, threads: Int = 2, _ more: [String] = ["--probabilities"], to name: String
  ) throws -> [String: Data] {
    let output = "\(folder)/\(name)"
    let errors = try vnet(
      cache: cache,
      [
        "predict", "--model-dir", "\(folder)/model", "--input", "\(folder)/data/imagesTr", "--output", output,
        "--threads", "\(threads)", "--device", "cpu",
      ] + more
    ).errors
    #expect(!errors.contains("Measuring"))
    let names = try FileManager.default.contentsOfDirectory(atPath: output)
    return Dictionary(
      uniqueKeysWithValues: try names.map {
        ($0, try Data(contentsOf: URL(fileURLWithPath: "\(output)/\($0)")))
      })
  }

  /// Calls `body` with a folder that holds data, a model, and in `warm` the cache of its training.
  private func withModel(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let cache = "\(folder)/warm"
    _ = try vnet(cache: cache, ["phantom", "--output", "\(folder)/data", "--cases", "3"])
    _ = try vnet(
      cache: cache,
      ["train", "--data-dir", "\(folder)/data", "--model-dir", "\(folder)/model"] + Self.options)
    try body(folder)
  }

  /// The long form, with 20 runs by two numbers of threads, is a trial of the campaign.
  @Test func everyRunByAsManyThreadsGivesTheSameBits() throws {
    try withModel { folder in
      for threads in [1, 2] {
        let first = try prediction(folder, cache: "\(folder)/warm", threads: threads, to: "first\(threads)")
        for run in 0..<2 {
          let cache = "\(folder)/cache\(threads)\(run)"
          #expect(try prediction(folder, cache: cache, threads: threads, to: "\(threads)\(run)") == first)
        }
      }
    }
  }

  @Test func exactConvolutionsGiveOneMaskForAnyNumberOfThreads() throws {
    try withModel { folder in
      let exact = ["--exact-convolution"]
      let one = try prediction(folder, cache: "\(folder)/warm", threads: 1, exact, to: "one")
      #expect(!one.isEmpty)
      for threads in [2, 3, 5] {
        let cache = "\(folder)/cache\(threads)"
        #expect(try prediction(folder, cache: cache, threads: threads, exact, to: "\(threads)") == one)
      }
    }
  }

  @Test func coldAndWarmCachesGiveTheSameBits() throws {
    try withModel(coldAndWarmCachesGiveTheSameBits)
  }

  private func coldAndWarmCachesGiveTheSameBits(_ folder: String) throws {
    let trainingsCache = "\(folder)/warm"
    let warm = try prediction(folder, cache: trainingsCache, to: "a")
    let cold = try prediction(folder, cache: "\(folder)/cold", to: "b")
    #expect(!warm.isEmpty && warm == cold)
    #expect(!FileManager.default.fileExists(atPath: "\(folder)/cold"))
  }

  /// What was found elsewhere, on an EPYC of the fourth generation with glibc 2.36, of probabilities and mask of a model of two
  /// steps. Its training adds up the products as they are; prediction takes what is built in for the instruction set.
  private static let bitsElsewhere: [InstructionSet: String] = [
    .portable: "7fd9c88fd5d8c70b", .avx2: "8b26cbe97a99b19a", .avx512: "8b26cbe97a99b19a",
    .avx512bf16: "8b26cbe97a99b19a",
  ]

  @Test(
    .enabled(if: cLibraryVersion == "glibc 2.36", "found with another glibc"),
    arguments: InstructionSet.possible)
  func anotherMachineGivesTheSameBits(under set: InstructionSet) throws {
    #if arch(x86_64)
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let (data, model) = ("\(folder)/data", "\(folder)/model")
      _ = try vnet(cache: "\(folder)/cache", ["phantom", "--output", data, "--cases", "3"], set)
      _ = try vnet(
        cache: "\(folder)/cache",
        ["train", "--data-dir", data, "--model-dir", model, "--exact-convolution"] + Self.options, set)
      _ = try vnet(
        cache: "\(folder)/cache",
        [
          "predict", "--model-dir", model, "--input", "\(data)/imagesTr", "--output", "\(folder)/masks",
          "--threads", "2",
          "--device", "cpu", "--probabilities", "--format", ".nii",
        ], set)
      let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/masks").sorted()
      let bytes = try names.map { try Data(contentsOf: URL(fileURLWithPath: "\(folder)/masks/\($0)")) }
      #expect(names.count == 6)
      #expect(String(Data(bytes.joined()).stableHash, radix: 16) == Self.bitsElsewhere[set])
    #endif
  }
}
