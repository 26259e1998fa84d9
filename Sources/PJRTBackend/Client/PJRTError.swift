/// Why an accelerator cannot be used.
public enum PJRTError: Error, Equatable, CustomStringConvertible {
  case noPlugin(device: String, remedy: String)
  case unusablePlugin(path: String, reason: String)
  case noDevices(path: String, reason: String)
  /// A plugin is for other devices than those that were asked for.
  case wrongPlatform(path: String, asked: String, found: String)
  case tooFewDevices(asked: Int, found: Int, platform: String)
  case failed(operation: String, message: String)

  public var description: String {
    switch self {
    case .noPlugin(let device, let remedy):
      "no PJRT plugin for \(device) was found; \(remedy)"
    case .unusablePlugin(let path, let reason):
      "\(path): this is no PJRT plugin that can be used (\(reason)); give another with --plugin."
    case .noDevices(let path, let reason):
      "\(path): the plugin cannot start here (\(reason)); use --device cpu."
    case .wrongPlatform(let path, let asked, let found):
      "\(path): this plugin is for the platform \(found), but --device \(asked) was asked for; give another --plugin, or "
        + "no --device."
    case .tooFewDevices(let asked, let found, let platform):
      "--devices \(asked) is not possible: the platform \(platform) has \(found) here."
    case .failed(let operation, let message):
      "\(operation) failed on the accelerator: \(message)\(Self.remedy(message))"
    }
  }

  /// What to do about a message; empty where nobody knows.
  private static func remedy(_ message: String) -> String {
    message.contains("RESOURCE_EXHAUSTED")
      ? "; take a smaller --batch-size, --input-shape or --filters, or free the device's memory" : ""
  }
}
