import Foundation

/// Finds plugins: one that was named, or else in the folders of Python packages.
public struct PluginSearch: Sendable {
  /// The variable that names a plugin.
  public static let variable = "PJRT_PLUGIN_LIBRARY_PATH"

  /// A plugin that the environment names.
  public let namedByEnvironment: String?
  /// Folders of Python packages, the first to be searched first.
  package let packageFolders: [String]

  /// - Parameters:
  ///   - program: the running program; `make plugins` unpacks plugins into `.plugins` in a folder above it.
  ///   - workingFolder: another below which `.plugins` may lie.
  public init(
    environment: [String: String] = ProcessInfo.processInfo.environment,
    program: String = "/proc/self/exe", workingFolder: String = FileManager.default.currentDirectoryPath
  ) {
    let named = environment[Self.variable]
    namedByEnvironment = named == "" ? nil : named
    packageFolders =
      Self.ancestors(of: URL(fileURLWithPath: program).resolvingSymlinksInPath())
      .map { $0 + "/.plugins" } + [workingFolder + "/.plugins"]
      + (environment["PYTHONPATH"] ?? "").split(separator: ":").map(String.init)
      + Self.prefixes(environment).flatMap(Self.packages)
  }

  /// The plugin of a kind; nil where there is none.
  public func plugin(for accelerator: Accelerator) -> String? {
    packageFolders.lazy
      .flatMap { folder in accelerator.libraryPaths.map { "\(folder)/\($0)" } }
      .first { FileManager.default.fileExists(atPath: $0) }
  }

  private static func ancestors(of url: URL) -> [String] {
    var folders: [String] = []
    var folder = url.deletingLastPathComponent()
    while folder.path != "/" {
      folders.append(folder.path)
      folder = folder.deletingLastPathComponent()
    }
    return folders
  }

  /// Where Python may be installed: the active environment, those of the programs on the PATH, the user's, the
  /// system's.
  private static func prefixes(_ environment: [String: String]) -> [String] {
    let variables = ["VIRTUAL_ENV", "CONDA_PREFIX"].compactMap { environment[$0] }
    let paths = (environment["PATH"] ?? "").split(separator: ":").filter { $0.hasSuffix("/bin") }
    let home = environment["HOME"].map { ["\($0)/.local"] } ?? []
    return variables + home + paths.map { String($0.dropLast("/bin".count)) }
  }

  /// The folders of packages below a prefix, of the newest Python first.
  private static func packages(_ prefix: String) -> [String] {
    let library = prefix + "/lib"
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: library)) ?? []
    return versions.filter { $0.hasPrefix("python3") }
      .sorted { $0.compare($1, options: .numeric) == .orderedDescending }
      .flatMap { ["\(library)/\($0)/site-packages", "\(library)/\($0)/dist-packages"] }
  }
}
