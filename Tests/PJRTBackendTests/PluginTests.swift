import CPJRT
import Foundation
import GraphCases
import PJRTBackend
import Synchronization
import TensorGraph
import Testing

/// Plugins that are absent, broken or there; executors that refuse; programs that were kept.
@Suite struct PluginTests {
  @Test func whatIsNoPluginIsSaidInOneSentence() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/plugin.so"
      for (content, word) in [(nil, "No such file"), ("text", "too short")] {
        if let content { try Data(content.utf8).write(to: URL(fileURLWithPath: path)) }
        do throws(PJRTError) {
          _ = try PJRTPlugin(path: path)
          Issue.record("a plugin out of \(content ?? "nothing")")
        } catch {
          #expect(error.description.hasPrefix(path) && error.description.contains("--plugin"), "\(error)")
          #expect(error.description.contains(word), "\(error)")
        }
      }
    }
  }

  private func makePlugin(in folder: String) throws -> String {
    let url = URL(fileURLWithPath: folder + "/xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so")
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data().write(to: url)
    return url.path
  }

  @Test func pluginsAreTakenFromBesideTheProgramOnly() throws {
    try withTemporaryFolder { folder in
      func plugin(_ program: String) -> String? {
        PluginSearch(environment: ["PYTHONPATH": folder + "/.plugins"], program: folder + program)
          .plugin(for: .xlaCPU)
      }
      let above = try makePlugin(in: folder + "/.plugins")
      #expect(plugin("/.build/x86_64/release/vnet") == above && plugin("/vnet") == above)
      #expect(plugin("/tools/vnet") == nil && plugin("/tools/bin/vnet") == nil)
      let beside = try makePlugin(in: folder + "/.build/x86_64/release/.plugins")
      #expect(plugin("/.build/x86_64/release/vnet") == beside)
    }
  }

  /// A plugin among Python's packages is told, and opened only where it is named.
  @Test func pluginsOfPythonsPackagesAreNamedInTheRemedy() throws {
    try withTemporaryFolder { folder in
      let path = try makePlugin(in: folder + "/env/lib/python3.12/site-packages")
      let search = PluginSearch(environment: ["VIRTUAL_ENV": folder + "/env"], program: folder + "/bin/vnet")
      #expect(search.plugin(for: .xlaCPU) == nil && search.pythonPlugin(for: .xlaCPU) == path)
      #expect(search.remedy(for: .xlaCPU).contains("--plugin \(path)"))
      #expect(search.remedy(for: .tpu).contains("pip install libtpu"))
      let named = PluginSearch(environment: [PluginSearch.variable: "/p.so"], program: folder + "/bin/vnet")
      #expect(named.namedByEnvironment == "/p.so")
    }
  }

  /// The layouts that this project declares by hand, against the plugin's own header.
  @Test(.enabled(if: CPUPlugin.isThere, CPUPlugin.whereToGetIt))
  func layoutsAreThoseOfTheHeader() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let header = URL(fileURLWithPath: CPUPlugin.path!).deletingLastPathComponent().path + "/include"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "cc", "-std=c11", "-fsyntax-only", "-I\(header)", "-I\(root.path)/../../Sources/CPJRT",
      "-I\(root.path)/../../Sources/CPJRT/include", root.path + "/Layout/layout.c",
    ]
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text)")
  }

  // MARK: Several processes

  /// A store as plugins call it: through pointers to functions.
  @Test func pluginsReachAKeyValueStore() throws {
    let bridge = KeyValueStoreBridge(DictionaryStore())
    let store = bridge.store.pointee
    func value(
      _ key: String,
      _ read: (cpjrt_text, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, UnsafeMutablePointer<Int>) ->
        Bool
    ) -> String? {
      var (bytes, count): (UnsafeMutablePointer<CChar>?, Int) = (nil, 0)
      let isThere = Array(key.utf8CString).withUnsafeBufferPointer { text in
        read(cpjrt_text(bytes: text.baseAddress, count: text.count - 1), &bytes, &count)
      }
      defer { free(bytes) }
      guard isThere, let bytes else { return nil }
      return String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
    }
    func tryGet(_ key: String) -> String? { value(key) { store.try_get(store.context, $0, $1, $2) } }
    #expect(tryGet("id") == nil)
    let text = Array("id".utf8CString)
    let put = text.withUnsafeBufferPointer { text in
      let key = cpjrt_text(bytes: text.baseAddress, count: 2)
      return store.put(store.context, key, key)
    }
    #expect(put && tryGet("id") == "id")
    #expect(value("id") { store.get(store.context, $0, 10, $1, $2) } == "id")
    #expect(value("other") { store.get(store.context, $0, 10, $1, $2) } == nil)
  }

  private final class DictionaryStore: KeyValueStore {
    private let values = Mutex<[String: [UInt8]]>([:])
    func put(_ key: String, _ value: [UInt8]) { values.withLock { $0[key] = value } }
    func value(_ key: String) -> [UInt8]? { values.withLock { $0[key] } }
    func value(_ key: String, waitingFor time: Duration) -> [UInt8]? { value(key) }
  }

  // MARK: Executables

  /// w += x, given back.
  private func accumulator() throws -> Graph {
    var builder = GraphBuilder(name: "accumulator")
    let x = builder.parameter("x", .input, TensorType(.f32, [2]))
    let w = builder.parameter("w", .weight, TensorType(.f32, [2]))
    let sum = try builder.add(w, x)
    builder.output("sum", sum)
    builder.update(w, with: sum)
    return builder.graph
  }

  @Test(.enabled(if: CPUPlugin.isThere, CPUPlugin.whereToGetIt))
  func refusesWrongInputsAndLeavesWeightsAlone() throws {
    let executor = try PJRTExecutor(try CPUPlugin.client())
    let executable = try executor.compile(try accumulator())
    #expect(throws: ExecutionError.missingInput("x")) { try executable.run([:]) }
    let found = TensorType(.f32, [3])
    #expect(throws: ExecutionError.wrongType(name: "x", expected: TensorType(.f32, [2]), found: found)) {
      try executable.run(["x": Tensor(found, repeating: 1)])
    }
    #expect(throws: ExecutionError.unknownTensor("v")) { try executor.fetch(["v"]) }
    #expect(try executable.run(["x": Tensor([2], [1, 2])])["sum"] == Tensor([2], [1, 2]))
    #expect(try executor.fetch(["w"])["w"] == Tensor([2], [1, 2]))
  }

  /// What a graph updates is written over the old content: argument 1 becomes result 1.
  @Test func updatedParametersAreDonated() throws {
    let text = StableHLOProgram(try accumulator()).text
    #expect(text.components(separatedBy: "tf.aliasing_output").count == 2)
    #expect(text.contains("tf.aliasing_output = 1"))
  }

  /// Steps that are started before the last one was awaited follow each other on the device.
  @Test(.enabled(if: CPUPlugin.isThere, CPUPlugin.whereToGetIt))
  func startedRunsKeepTheirOrder() throws {
    let executable = try PJRTExecutor(try CPUPlugin.client()).compile(try accumulator())
    let finishes = try (1...5).map { try executable.start(["x": Tensor([2], [Float($0), 1])]) }
    #expect(
      try finishes.map { try $0()["sum"]!.elements } == [[1, 1], [3, 2], [6, 3], [10, 4], [15, 5]])
  }

  @Test(.enabled(if: CPUPlugin.isThere, CPUPlugin.whereToGetIt))
  func programsAreKeptAndDamageIsNoHarm() throws {
    try withTemporaryFolder { folder in
      func sum() throws -> [Float] {
        let options = PJRTOptions(cache: ExecutableCache(folder: folder + "/executables"))
        let executable = try PJRTExecutor(try CPUPlugin.client(), options: options).compile(try accumulator())
        return try executable.run(["x": Tensor([2], [1, 2])])["sum"]!.elements
      }
      #expect(try sum() == [1, 2])
      let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/executables")
      #expect(files.count == 1)
      let path = folder + "/executables/" + files[0]
      func inode() throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int)
      }
      // A file that is read stays; one that is made anew takes the old one's place.
      let first = try inode()
      #expect(try sum() == [1, 2])
      #expect(try inode() == first)
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as! Int
      #expect(size > 100)
      let whole = try Data(contentsOf: URL(fileURLWithPath: path))
      for damaged in [Data("damaged".utf8), whole.prefix(size / 2)] {
        try damaged.write(to: URL(fileURLWithPath: path))
        #expect(try sum() == [1, 2])
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.size] as! Int == size)
      }
    }
  }
}
