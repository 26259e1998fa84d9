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
    let parts = [
      code, SHA256.hash(options.serialized), client.plugin.apiVersion, client.platform,
      client.platformVersion, client.plugin.fingerprint, devices,
    ]
    return SHA256.hash(parts.flatMap { Array($0.utf8) + [0] })
  }

  private func path(_ key: String) -> String { "\(folder)/\(key).executable" }

  /// The program that was kept under a key, if it is there and the plugin takes it.
  func program(_ key: String, on client: PJRTClient) -> CompiledProgram? {
    guard let data = FileManager.default.contents(atPath: path(key)) else { return nil }
    return try? CompiledProgram(serialized: [UInt8](data), on: client)
  }

  func keep(_ program: CompiledProgram, _ key: String) {
    guard let bytes = try? program.serialized() else { return }
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try? AtomicFile.write(bytes, to: path(key))
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
