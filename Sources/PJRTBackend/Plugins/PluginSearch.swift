import Foundation

/// Finds plugins: one that was named, or else beside the program. A plugin is a library whose code runs once it is opened:
/// none is taken from the working folder, nor from a folder that the environment names for something else.
public struct PluginSearch: Sendable {
  /// The variable that names a plugin.
  public static let variable = "PJRT_PLUGIN_LIBRARY_PATH"

  /// A plugin that the environment names.
  public let namedByEnvironment: String?
  /// Folders of plugins, the first to be searched first.
  private let folders: [String]
  /// Folders of Python packages, for what to tell users.
  private let pythonFolders: [String]

  /// - Parameters:
  ///   - environment: whose variable may name a plugin.
  ///   - program: the running program. Plugins lie in `.plugins` in its folder or, for one in `.build`, beside that,
  ///     where `make plugins` puts them.
  public init(
    environment: [String: String] = ProcessInfo.processInfo.environment, program: String = "/proc/self/exe"
  ) {
    let named = environment[Self.variable]
    namedByEnvironment = named == "" ? nil : named
    folders = Self.folders(of: URL(fileURLWithPath: program).resolvingSymlinksInPath())
    pythonFolders = Self.prefixes(environment).flatMap(Self.packages)
  }

  /// The plugin of a kind; nil where there is none.
  public func plugin(for accelerator: Accelerator) -> String? { Self.plugin(for: accelerator, in: folders) }

  /// A plugin among Python's packages, which is opened only where it is named.
  public func pythonPlugin(for accelerator: Accelerator) -> String? {
    Self.plugin(for: accelerator, in: pythonFolders)
  }

  /// What to do where there is no plugin of a kind.
  public func remedy(for accelerator: Accelerator) -> String {
    pythonPlugin(for: accelerator).map {
      "name that of Python's packages with --plugin \($0) or \(Self.variable)."
    }
      ?? accelerator.remedy
  }

  private static func plugin(for accelerator: Accelerator, in folders: [String]) -> String? {
    folders.lazy
      .flatMap { folder in accelerator.libraryPaths.map { "\(folder)/\($0)" } }
      .first { FileManager.default.fileExists(atPath: $0) }
  }

  private static func folders(of program: URL) -> [String] {
    var folders = [program.deletingLastPathComponent()]
    let components = program.pathComponents
    if let build = components.lastIndex(of: ".build") {
      folders.append(URL(fileURLWithPath: NSString.path(withComponents: Array(components[..<build]))))
    }
    return folders.map { $0.path + "/.plugins" }
  }

  /// Where Python may be installed: the active environment, the user's, those of the programs on the PATH.
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
