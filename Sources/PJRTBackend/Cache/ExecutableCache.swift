import DurableFiles
import Foundation

/// A folder of compiled programs. Whatever is wrong with it, programs are compiled as without it; it may be removed at
/// any time.
public struct ExecutableCache: Sendable {
  public let folder: String

  public init(folder: String) { self.folder = folder }

  /// A name that differs wherever the machine code may differ.
  static func key(_ code: String, _ options: CompileOptions, _ client: PJRTClient) -> String {
    let devices = client.devices.map { "\($0.id) \($0.kind)" }.joined(separator: ", ")
    let flags = ProcessInfo.processInfo.environment["XLA_FLAGS"] ?? ""
    let parts = [
      code, SHA256.hash(options.serialized), flags, client.plugin.apiVersion, client.platform,
      client.platformVersion, client.plugin.fingerprint, devices, client.platform == "cpu" ? processor : "",
    ]
    return SHA256.hash(parts.flatMap { Array($0.utf8) + [0] })
  }

  /// What this machine's processor can do, as Linux tells it: the CPU plugin compiles for it, but calls every device "cpu".
  private static let processor: String = {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").first { $0.hasPrefix("flags") }.map(String.init) ?? ""
  }()

  private func path(_ key: String) -> String { "\(folder)/\(key).executable" }

  /// The program that was kept under a key, if it is there and the plugin takes it.
  func program(_ key: String, on client: PJRTClient) -> CompiledProgram? {
    guard let data = FileManager.default.contents(atPath: path(key)) else { return nil }
    return try? CompiledProgram(serialized: [UInt8](data), on: client)
  }

  /// Keeps a program; where that is not possible a line on the standard error output says so.
  func keep(_ program: CompiledProgram, _ key: String) {
    do {
      let bytes = try program.serialized()
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try AtomicFile.write(bytes, to: path(key))
    } catch {
      let note = "Note: \(folder): compiled programs cannot be kept (\(error)); each run compiles anew.\n"
      try? FileHandle.standardError.write(contentsOf: Data(note.utf8))
    }
  }
}

extension PJRTPlugin {
  /// The library's size and time: another build of one version compiles otherwise.
  var fingerprint: String {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    let time = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    return "\(attributes?[.size] as? Int ?? 0) \(time)"
  }
}
