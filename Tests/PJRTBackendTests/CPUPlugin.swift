import Foundation
import GraphCases
import PJRTBackend
import TensorGraph
import Testing

/// The plugins of this package, which a program in its build folder finds.
enum PackagePlugins {
  static let search = PluginSearch(
    program: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../.build/release/tests").standardizedFileURL.path)
}

/// XLA's plugin for the CPU, which `make test` fetches.
enum CPUPlugin {
  static let path = PackagePlugins.search.plugin(for: .xlaCPU)
  static let isThere = path != nil
  static let whereToGetIt: Comment = "XLA's CPU plugin is not in .plugins/: run 'make plugins'"

  /// One client with four devices for all tests: clients are slow to start.
  static func client() throws -> PJRTClient { try shared.get() }

  private static let shared = Result {
    try PJRTClient(try PJRTPlugin(path: path!), settings: Accelerator.xlaCPU.settings(deviceCount: 4))
  }
}
