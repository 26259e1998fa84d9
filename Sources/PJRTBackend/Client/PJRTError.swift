/// Why an accelerator cannot be used.
public enum PJRTError: Error, Equatable, CustomStringConvertible {
  case noPlugin(device: String, remedy: String)
  case unusablePlugin(path: String, reason: String)
  case noDevices(path: String, reason: String)
  case tooFewDevices(asked: Int, found: Int, platform: String)
  case failed(operation: String, message: String)

  public var description: String {
    switch self {
    case .noPlugin(let device, let remedy):
      "no PJRT plugin for \(device) was found; \(remedy)"
    case .unusablePlugin(let path, let reason):
      "\(path): this is no PJRT plugin that can be used (\(reason)); give another with --plugin."
    case .noDevices(let path, let reason):
      "\(path): the plugin finds no device on this machine (\(reason)); use --device cpu."
    case .tooFewDevices(let asked, let found, let platform):
      "--devices \(asked) is not possible: the platform \(platform) has \(found) here."
    case .failed(let operation, let message):
      "\(operation) failed on the accelerator: \(message)"
    }
  }
}
