import CPJRT
import Foundation

/// Flags of XLA's that hold for a whole process: it reads them from the variable XLA_FLAGS, once, when a plugin is opened.
package enum ProcessFlags {
  static let variable = "XLA_FLAGS"

  /// A step as one CUDA graph: with its convolutions, and kept as it is where only temporary memory lies elsewhere in the
  /// next step. Training on an H200 was 2.2 times as fast so (docs/GPU.md).
  private static let wished = [
    ("--xla_gpu_enable_command_buffer", "+CONVOLUTION"),
    ("--xla_gpu_command_buffer_update_mode", "SKIP_TEMP"),
  ]
  /// What a library has in it that knows them all. XLA ends a process whose variable names a flag that it does not know.
  private static let marks = ["xla_gpu_command_buffer_update_mode", "SKIP_TEMP"]

  /// Puts the flags into the environment, before a plugin is opened.
  static func prepare(forPlugin path: String) {
    guard let library = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped) else {
      return
    }
    let given = ProcessInfo.processInfo.environment[variable] ?? ""
    let flags = flags(given, for: library)
    if flags != given { setenv(variable, flags, 1) }
  }

  /// What a user gave, and of the wished flags those that it does not name; as given where the library does not know them.
  package static func flags(_ given: String, for library: Data) -> String {
    guard marks.allSatisfy(library.holds) else { return given }
    let missing = wished.filter { !given.contains($0.0) }.map { "\($0.0)=\($0.1)" }
    return ([given] + missing).filter { !$0.isEmpty }.joined(separator: " ")
  }
}

extension Data {
  fileprivate func holds(_ text: String) -> Bool {
    withUnsafeBytes { cpjrt_holds($0.baseAddress, $0.count, text) }
  }
}
